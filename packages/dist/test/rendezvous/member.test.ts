import { describe, expect, it } from 'vitest';
import { advance, newMember, type MemberEvent, type MemberState } from '../../src/rendezvous/member.ts';
import type { ControlMessage } from '../../src/wire/control-message.ts';

/** Rank 1 opposite the coordinator; actions come back as lines that can be read. */
class Scenario {
  state: MemberState = newMember(1, 0);
  nowMs = 0;

  play(event: MemberEvent): string[] {
    const { state, actions } = advance(this.state, event);
    this.state = state;
    return actions.map(({ type, ...rest }) => `${type} ${JSON.stringify(Object.values(rest))}`);
  }

  hears(message: ControlMessage): string[] {
    return this.play({ type: 'message', message, nowMs: this.nowMs });
  }

  /** Ticks every 250 ms up to a time; returns what happened besides heartbeats. */
  runs(untilMs: number, coordinatorBeats: boolean): string[] {
    const lines: string[] = [];
    while (this.nowMs < untilMs) {
      this.nowMs += 250;
      if (coordinatorBeats) this.hears({ type: 'heartbeat' });
      lines.push(...this.play({ type: 'tick', nowMs: this.nowMs }));
    }
    return lines.filter((line) => line !== 'send [{"type":"heartbeat"}]');
  }
}

function watched(): Scenario {
  const scenario = new Scenario();
  scenario.hears({ type: 'members', generation: 1, members: [] });
  expect(scenario.state.phase).toBe('watched');
  return scenario;
}

const lost = (rank: number, reason: string) => `fail [${JSON.stringify({ kind: 'peerLost', rank, reason })}]`;

describe('a member', () => {
  it('reports who is missing, then the list of members, once', () => {
    const scenario = new Scenario();
    expect(scenario.hears({ type: 'waiting', missing: [0] })).toEqual(['waiting [[0]]']);
    const members = { type: 'members', generation: 1, members: [{ rank: 0, host: 'h', port: 1 }] } as const;
    const message = { ...members, members: [...members.members] };
    expect(scenario.hears(message)).toEqual(['formed [1,[{"rank":0,"host":"h","port":1}]]']);
    expect(scenario.hears(message)).toEqual([]);
  });

  it.each<[string, ControlMessage, string]>([
    [
      'ranks missing at the deadline',
      { type: 'startTimeout', missing: [0], waitedMs: 5 },
      '"kind":"startTimeout","missing":[0]',
    ],
    ['a refusal', { type: 'refuse', reason: 'full' }, '"kind":"refused","reason":"full"'],
    ['an abort', { type: 'abort', rank: 2, reason: 'gone' }, '"kind":"peerLost","rank":2,"reason":"gone"'],
  ])('fails on %s', (_, message, failure) => {
    const scenario = new Scenario();
    expect(scenario.hears(message)).toEqual([
      `fail [{${failure}${failure.includes('missing') ? ',"waitedMs":5' : ''}}]`,
    ]);
    expect(scenario.state.phase).toBe('over');
  });

  it('takes the end of its connection to the coordinator for the death of rank 0', () => {
    const [line] = watched().play({ type: 'disconnected', nowMs: 0 });
    expect(line).toBe(lost(0, 'its connection broke: the process died, or its host cannot be reached'));
  });

  it('reports a broken link and takes the verdict of the coordinator', () => {
    const scenario = watched();
    const report = scenario.play({ type: 'linkLost', rank: 2, reason: 'reset', nowMs: 0 });
    expect(report).toEqual(['send [{"type":"suspect","rank":2,"reason":"reset"}]']);
    expect(scenario.hears({ type: 'abort', rank: 3, reason: 'killed' })).toEqual([lost(3, 'killed')]);
  });

  it('blames the peer of the broken link when no verdict comes within 1.5 s', () => {
    const scenario = watched();
    scenario.play({ type: 'linkLost', rank: 2, reason: 'reset', nowMs: 0 });
    expect(scenario.runs(1250, true)).toEqual([]);
    expect(scenario.runs(1500, true)).toEqual([lost(2, 'reset')]);
  });

  it('probes a silent coordinator after 2 s, and gives it up when its port does not answer', () => {
    const scenario = watched();
    expect(scenario.runs(2000, false)).toEqual(['probe []']);
    expect(scenario.play({ type: 'probed', isUp: true, nowMs: 2100 })).toEqual([]);
    const reason = 'no sign of life for 2 s, and its port does not answer';
    expect(scenario.play({ type: 'probed', isUp: false, nowMs: 3100 })).toEqual([lost(0, reason)]);
  });

  it('gives up a coordinator that answers probes but stands still for 10 s', () => {
    expect(watched().runs(10_000, false).at(-1)).toContain('"rank":0,"reason":"no sign of life for 10 s');
  });

  it('goes on without a coordinator when rank 0 has left in peace; a broken link then counts at once', () => {
    const scenario = watched();
    scenario.hears({ type: 'left', rank: 0 });
    expect(scenario.play({ type: 'disconnected', nowMs: 0 })).toEqual([]);
    expect(scenario.runs(20_000, false)).toEqual([]);
    expect(scenario.play({ type: 'linkLost', rank: 2, reason: 'reset', nowMs: 0 })).toEqual([lost(2, 'reset')]);
  });

  it('says goodbye, or why it aborts, and is over', () => {
    const [leaving, aborting] = [watched(), watched()];
    expect(leaving.play({ type: 'leave' })).toEqual(['send [{"type":"goodbye"}]']);
    expect(aborting.play({ type: 'abort', reason: 'NaN' })).toEqual([
      'send [{"type":"abort","rank":1,"reason":"NaN"}]',
    ]);
    expect(leaving.play({ type: 'disconnected', nowMs: 0 })).toEqual([]);
  });
});
