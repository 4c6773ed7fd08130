/**
 * The words through which the threads of a process keep step, in shared memory. Threads meet at barriers; the last to
 * arrive acts for all. In a run of several processes it then waits for the main thread, which talks to the others.
 */
import { Tensor, type TensorHandle } from '@gradwire/tensor';
import { StepAbortedError } from './errors.ts';

const ABORTED = 0;
const STOP = 1; // wanted by the main thread
const PHASE = 2; // barriers passed
const ARRIVED = 3;
const COMMITTED = 4; // steps that the main thread has settled with the other processes
const STOPPING = 5; // decided for all processes: the step at hand is the last
const FINISHED = 6; // steps whose update is complete
const MEETINGS = 7; // as PHASE and ARRIVED, for meetings in the midst of a step
const MET = 8;
const ANSWERS = 9; // given by the main thread to questions
const CONTRIBUTIONS = 16; // …: shards that have finished bucket b in this step
/** How often a thread looks before it sleeps, about 10 ns each: waking a thread costs more than a short wait. */
const SPINS_SHORT = 2_000;
const SPINS_LONG = 100_000;

/** Where the control words lie, for another thread. */
export interface StepControlHandle {
  readonly words: TensorHandle;
  readonly parties: number;
  /** Whether each thread has a core of its own, so that one may look for long without keeping another from its work. */
  readonly ownCores: boolean;
}

export class StepControl {
  readonly #words: Int32Array;
  readonly #parties: number;
  readonly #barrierSpins: number;
  readonly #handle: StepControlHandle;

  private constructor(handle: StepControlHandle) {
    this.#handle = handle;
    this.#words = Tensor.fromHandle(handle.words).view() as Int32Array;
    this.#parties = handle.parties;
    this.#barrierSpins = handle.ownCores ? SPINS_LONG : SPINS_SHORT;
  }

  /** Control words for `parties` threads and so many gradient buckets. */
  static create(parties: number, buckets: number, ownCores = false): StepControl {
    const words = Tensor.emptyLongLived([CONTRIBUTIONS + buckets], 'int32', 'step control');
    words.view().fill(0);
    return new StepControl({ words: words.handle(), parties, ownCores });
  }

  static attach(handle: StepControlHandle): StepControl {
    return new StepControl(handle);
  }

  get handle(): StepControlHandle {
    return this.#handle;
  }

  /** Makes every thread that waits, or will wait, throw StepAbortedError. */
  abort(): void {
    Atomics.store(this.#words, ABORTED, 1);
    for (const word of [PHASE, COMMITTED, MEETINGS, ANSWERS]) Atomics.notify(this.#words, word);
  }

  /** Asks for a stop after the step at hand; `stopWanted` reads it. */
  requestStop(): void {
    Atomics.store(this.#words, STOP, 1);
  }

  get stopWanted(): boolean {
    return Atomics.load(this.#words, STOP) === 1;
  }

  /** Whether the step at hand is the last one; set by the last thread at a barrier, or by the main thread. */
  get stopping(): boolean {
    return Atomics.load(this.#words, STOPPING) === 1;
  }

  set stopping(stopping: boolean) {
    Atomics.store(this.#words, STOPPING, Number(stopping));
  }

  /** Number of the last step whose update is complete; set by the last thread at a barrier. */
  get finished(): number {
    return Atomics.load(this.#words, FINISHED);
  }

  set finished(step: number) {
    Atomics.store(this.#words, FINISHED, step);
  }

  /** Waits for all threads; the last one runs `last` before any goes on. Throws StepAbortedError. */
  barrier(last: () => void): void {
    this.#meet(PHASE, ARRIVED, this.#parties, last);
  }

  /** As `barrier`, in the midst of a step and for `parties` of the threads; the others have no work in this step. */
  meet(parties: number, last: () => void): void {
    this.#meet(MEETINGS, MET, parties, last);
  }

  /** In the thread that acts for all: asks the main thread something and waits for its answer. Throws StepAbortedError. */
  awaitAnswer(ask: () => void): void {
    const answers = Atomics.load(this.#words, ANSWERS);
    ask();
    this.#waitWhile(ANSWERS, answers, SPINS_SHORT);
  }

  /** In the main thread: what was asked for is done. */
  answer(): void {
    Atomics.add(this.#words, ANSWERS, 1);
    Atomics.notify(this.#words, ANSWERS);
  }

  /** Counts one shard's part of a bucket; true for the last one, which has to sum the bucket. */
  contribute(bucket: number, shards: number): boolean {
    const index = CONTRIBUTIONS + bucket;
    if (Atomics.add(this.#words, index, 1) + 1 < shards) return false;
    Atomics.store(this.#words, index, 0);
    return true;
  }

  /** Number of the last step that the main thread has settled. */
  get committed(): number {
    return Atomics.load(this.#words, COMMITTED);
  }

  /** In the main thread: step `step` is settled, the threads may go on. */
  commit(step: number): void {
    Atomics.store(this.#words, COMMITTED, step);
    Atomics.notify(this.#words, COMMITTED);
  }

  /** In a thread: waits until the main thread has settled `step`. Throws StepAbortedError. */
  awaitCommit(step: number): void {
    for (let seen = this.committed; seen < step; seen = this.committed) this.#waitWhile(COMMITTED, seen, SPINS_SHORT);
    this.#checkAborted();
  }

  #meet(phaseWord: number, arrivedWord: number, parties: number, last: () => void): void {
    const words = this.#words;
    const phase = Atomics.load(words, phaseWord);
    if (Atomics.add(words, arrivedWord, 1) + 1 < parties) return this.#waitWhile(phaseWord, phase, this.#barrierSpins);
    this.#checkAborted();
    last();
    Atomics.store(words, arrivedWord, 0);
    Atomics.add(words, phaseWord, 1);
    Atomics.notify(words, phaseWord);
  }

  #waitWhile(word: number, value: number, spins: number): void {
    for (let i = 0; i < spins; i++) {
      if (Atomics.load(this.#words, word) !== value) return this.#checkAborted();
    }
    while (Atomics.load(this.#words, word) === value) {
      this.#checkAborted();
      Atomics.wait(this.#words, word, value, 100); // a late abort is seen within 100 ms even if its notice was missed
    }
    this.#checkAborted();
  }

  #checkAborted(): void {
    if (Atomics.load(this.#words, ABORTED) === 1) throw new StepAbortedError();
  }
}
