import { GradwireError } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { describeError, errorEvent } from '../src/describe-error.ts';

const withStack = (error: Error, ...places: string[]) =>
  Object.assign(error, { stack: [`Error: ${error.message}`, ...places.map((place) => `    at ${place}`)].join('\n') });

describe('describeError', () => {
  it('points to the innermost line of the user, past libraries and Node', () => {
    const error = withStack(
      new TypeError('x is not iterable'),
      'node:internal/modules/run_main:117:5',
      'Object.stack (/home/me/node_modules/other/index.js:3:4)',
      'async loss (file:///home/me/my%20nets/train.ts:12:5)',
      'main (/home/me/my nets/main.ts:2:1)',
    );
    expect(describeError(error, '/home/me')).toBe('TypeError: x is not iterable (my nets/train.ts:12)');
    expect(describeError(error, '/elsewhere')).toBe('TypeError: x is not iterable (/home/me/my nets/train.ts:12)');
  });

  it('does not name the kind of our own errors, nor our own lines', () => {
    const error = withStack(
      new GradwireError('ERR_SHAPE', 'matmul: no'),
      `matmul (${new URL('../src/x.ts', import.meta.url).href}:1:1)`,
    );
    expect(describeError(error)).toBe('matmul: no');
  });

  it('shows only the first line of a message', () => {
    expect(describeError(withStack(new Error('one\ntwo')))).toBe('one');
  });
});

describe('errorEvent', () => {
  it('keeps the code of our own errors and gives others one', () => {
    expect(errorEvent(new GradwireError('ERR_SHAPE', 'no'))).toMatchObject({ event: 'error', code: 'ERR_SHAPE' });
    expect(errorEvent('no')).toEqual({ event: 'error', code: 'ERR_TRAINING', message: 'threw no' });
  });
});
