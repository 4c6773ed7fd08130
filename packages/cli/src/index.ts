export { defineTraining } from './define-training.ts';
export type {
  DataContext,
  EarlyStoppingSettings,
  Metric,
  MetricSchedule,
  Schedule,
  ScheduleContext,
  TrainingData,
  TrainingDefinition,
  TrainingOptions,
} from './define-training.ts';
export type {
  Best,
  CheckpointEvent,
  DoneEvent,
  EarlyStopEvent,
  EpochEvent,
  ErrorEvent,
  EvalEvent,
  LearningRateEvent,
  MemberEvent,
  Metrics,
  RankTimes,
  StartEvent,
  StepEvent,
  TrainingEvent,
} from './events.ts';
