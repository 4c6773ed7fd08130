import { describe, expect, it } from 'vitest';
import { describeEnding, firstCause } from '../../src/launch/first-cause.ts';

const lost = { rank: 0, exitCode: null, signal: null, failure: { code: 'ERR_PEER_LOST', message: 'rank 2 is lost' } };
const killed = { rank: 2, exitCode: null, signal: 'SIGKILL' };
const failed = { rank: 1, exitCode: 1, signal: null, failure: { code: 'ERR_SHAPE', message: 'matmul: no' } };

describe('firstCause', () => {
  it('prefers a silent death to earlier reports of a lost peer', () => {
    expect(firstCause([lost, killed])).toBe(killed);
  });

  it('takes the earliest of several causes', () => {
    expect(firstCause([lost, failed, killed])).toBe(failed);
  });

  it('falls back to a lost peer when nothing else is known', () => {
    expect(firstCause([lost])).toBe(lost);
    expect(firstCause([])).toBeUndefined();
  });

  it('says in one sentence who ended and why', () => {
    expect(describeEnding(failed)).toBe('rank 1: matmul: no');
    expect(describeEnding({ rank: 3, exitCode: null, signal: 'SIGSEGV' })).toBe('rank 3 was killed by SIGSEGV');
  });
});
