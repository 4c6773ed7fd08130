export { defineTraining } from './define-training.ts';
export type {
  DataContext,
  Metric,
  Schedule,
  ScheduleContext,
  TrainingData,
  TrainingDefinition,
  TrainingOptions,
} from './define-training.ts';
export type {
  CheckpointEvent,
  DoneEvent,
  EpochEvent,
  ErrorEvent,
  EvalEvent,
  MemberEvent,
  Metrics,
  RankTimes,
  StartEvent,
  StepEvent,
  TrainingEvent,
} from './events.ts';
