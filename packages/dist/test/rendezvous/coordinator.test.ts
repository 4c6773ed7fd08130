import { describe, expect, it } from 'vitest';
import { coordinate, newCoordinator, refusalOf } from '../../src/rendezvous/coordinator.ts';
import type { CoordinatorEvent, CoordinatorState } from '../../src/rendezvous/coordinator.ts';
import type { ControlMessage } from '../../src/wire/control-message.ts';

/** Plays events against the rules; connection c belongs to rank c. Actions come back as lines that can be read. */
class Scenario {
  state: CoordinatorState;
  #nowMs = 0;

  constructor(worldSize: number) {
    this.state = newCoordinator(worldSize, 60_000, 0);
  }

  at(nowMs: number): this {
    this.#nowMs = nowMs;
    return this;
  }

  says(rank: number, message: ControlMessage): string[] {
    return this.#play({ type: 'message', connection: rank, rank, message, nowMs: this.#nowMs });
  }

  registers(rank: number): string[] {
    return this.says(rank, { type: 'register', host: `h${rank}`, port: 9000 + rank });
  }

  disconnects(rank: number): string[] {
    return this.#play({ type: 'disconnected', connection: rank, nowMs: this.#nowMs });
  }

  probed(rank: number, isUp: boolean): string[] {
    return this.#play({ type: 'probed', rank, isUp, nowMs: this.#nowMs });
  }

  tick(): string[] {
    return this.#play({ type: 'tick', nowMs: this.#nowMs });
  }

  /** Ticks every 250 ms up to a time, with heartbeats of the ranks given; returns what happened besides heartbeats. */
  runs(untilMs: number, beating: readonly number[]): string[] {
    const lines: string[] = [];
    while (this.#nowMs < untilMs) {
      this.#nowMs += 250;
      for (const rank of beating) lines.push(...this.says(rank, { type: 'heartbeat' }));
      lines.push(...this.tick().map((line) => `${this.#nowMs}: ${line}`));
    }
    return lines.filter((line) => !line.endsWith('{"type":"heartbeat"}'));
  }

  #play(event: CoordinatorEvent): string[] {
    const { state, actions } = coordinate(this.state, event);
    this.state = state;
    return actions.map((action) =>
      action.type === 'send' ? `→ ${action.connection} ${JSON.stringify(action.message)}` : `probe ${action.rank}`,
    );
  }
}

function running(worldSize: number): Scenario {
  const scenario = new Scenario(worldSize);
  for (let rank = 0; rank < worldSize; rank++) scenario.registers(rank);
  expect(scenario.state.phase).toBe('running');
  return scenario;
}

const abort = (to: number, rank: number, reason: string) =>
  `→ ${to} ${JSON.stringify({ type: 'abort', rank, reason })}`;
const BROKE = 'its connection broke: the process died, or its host cannot be reached';

describe('the coordinator gathers', () => {
  it('the ranks in any order, tells those present who is missing, and sends all the list when it is full', () => {
    const scenario = new Scenario(3);
    expect(scenario.registers(2)).toEqual(['→ 2 {"type":"waiting","missing":[0,1]}']);
    expect(scenario.registers(0)).toHaveLength(2);
    const list = '{"type":"members","generation":1,"members":[{"rank":0,"host":"h0","port":9000},';
    const rest = '{"rank":1,"host":"h1","port":9001},{"rank":2,"host":"h2","port":9002}]}';
    expect(scenario.registers(1)).toEqual([`→ 2 ${list}${rest}`, `→ 0 ${list}${rest}`, `→ 1 ${list}${rest}`]);
  });

  it('a rank that went away and came back', () => {
    const scenario = new Scenario(2);
    scenario.registers(1);
    expect(scenario.disconnects(1)).toEqual([]);
    scenario.registers(0);
    expect(scenario.registers(1)).toHaveLength(2);
    expect(scenario.state.phase).toBe('running');
  });

  it('until the start deadline, and then names who is missing', () => {
    const scenario = new Scenario(3);
    scenario.registers(0);
    expect(scenario.at(59_999).tick()).toEqual(['→ 0 {"type":"heartbeat"}']);
    expect(scenario.at(60_000).tick()).toEqual(['→ 0 {"type":"startTimeout","missing":[1,2],"waitedMs":60000}']);
    expect(scenario.state.phase).toBe('over');
  });

  it('no second process of one rank, none of another world size, none out of range, none after the start', () => {
    const { state } = running(2);
    const half = new Scenario(2);
    half.registers(1);
    expect(refusalOf(half.state, { rank: 1, worldSize: 2 })).toContain('another process has RANK 1 already');
    expect(refusalOf(half.state, { rank: 0, worldSize: 3 })).toContain('it has WORLD_SIZE 3, but rank 0 has 2');
    expect(refusalOf(half.state, { rank: 2, worldSize: 2 })).toContain('RANK 2 is not below WORLD_SIZE 2');
    expect(refusalOf(half.state, { rank: 0, worldSize: 2 })).toBe(null);
    expect(refusalOf(state, { rank: 0, worldSize: 2 })).toBe('the group is already complete');
  });
});

describe('the coordinator, once running,', () => {
  it('tells all others at once when a connection breaks, and nothing of later breaks', () => {
    const scenario = running(4);
    expect(scenario.disconnects(2)).toEqual([0, 1, 3].map((to) => abort(to, 2, BROKE)));
    expect(scenario.disconnects(1)).toEqual([]);
  });

  it('does not take a goodbye for a failure', () => {
    const scenario = running(3);
    const left = '{"type":"left","rank":1}';
    expect(scenario.says(1, { type: 'goodbye' })).toEqual([`→ 0 ${left}`, `→ 2 ${left}`]);
    expect(scenario.disconnects(1)).toEqual([]);
    expect(scenario.runs(5000, [0, 2])).toEqual([]);
  });

  it('is over when rank 0, which houses it, says goodbye', () => {
    const scenario = running(2);
    expect(scenario.says(0, { type: 'goodbye' })).toEqual(['→ 1 {"type":"left","rank":0}']);
    expect(scenario.disconnects(1)).toEqual([]);
  });

  it('passes on the reason of a rank that aborts', () => {
    const scenario = running(2);
    const lines = scenario.says(1, { type: 'abort', rank: 1, reason: 'loss is NaN' });
    expect(lines).toContain(abort(0, 1, 'loss is NaN'));
  });

  it('never lets a rank abort in the name of another', () => {
    const lines = running(3).says(1, { type: 'abort', rank: 2, reason: 'x' });
    expect(lines).toContain(abort(0, 1, 'x'));
  });

  it('probes a silent rank after 2 s and gives it up when its port does not answer', () => {
    const scenario = running(2);
    expect(scenario.runs(2000, [0])).toEqual(['2000: probe 1']);
    const reason = 'no sign of life for 2 s, and its port does not answer';
    expect(scenario.probed(1, false)).toContain(abort(0, 1, reason));
  });

  it('gives a rank whose port answers 10 s', () => {
    const scenario = running(2);
    const lines = scenario.runs(9750, [0]);
    expect(new Set(lines.map((line) => line.slice(line.indexOf(' ') + 1)))).toEqual(new Set(['probe 1']));
    expect(scenario.probed(1, true)).toEqual([]);
    expect(scenario.runs(10_000, [0])[0]).toContain('"rank":1,"reason":"no sign of life for 10 s');
  });

  it('forgets old silence when a rank is heard again', () => {
    const scenario = running(2);
    scenario.runs(1750, [0]);
    scenario.says(1, { type: 'heartbeat' });
    expect(scenario.runs(3500, [0])).toEqual([]);
  });

  it('blames nobody for the time in which it stood still itself', () => {
    const scenario = running(2);
    scenario.at(250).tick();
    expect(scenario.at(30_000).tick()).toEqual(['→ 0 {"type":"heartbeat"}', '→ 1 {"type":"heartbeat"}']);
  });

  it('lets the rank that died be the cause, not the one whose link broke because of it', () => {
    const scenario = running(3);
    expect(scenario.at(100).says(1, { type: 'suspect', rank: 0, reason: 'reset' })).toEqual([]);
    expect(scenario.at(150).disconnects(2)).toContain(abort(1, 2, BROKE));
  });

  it('takes a broken link for a failure of the peer when no other cause shows within 1 s', () => {
    const scenario = running(3);
    scenario.at(100).says(1, { type: 'suspect', rank: 2, reason: 'reset' });
    expect(scenario.runs(850, [0, 1, 2])).toEqual([]);
    expect(scenario.runs(1100, [0, 1, 2])[0]).toContain('"rank":2,"reason":"rank 1 lost its link to it: reset"');
  });

  it('forgets a suspicion when the suspect says goodbye', () => {
    const scenario = running(3);
    scenario.says(1, { type: 'suspect', rank: 2, reason: 'reset' });
    scenario.says(2, { type: 'goodbye' });
    expect(scenario.runs(3000, [0, 1])).toEqual([]);
  });
});
