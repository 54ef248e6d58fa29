import { expect, it } from '@jest/globals';
import { isErrorLine } from '../../../../app/dashboard/web/log/is-error-line.ts';

it.each([
  'Error: no such thing',
  'error[E0425]: cannot find value',
  '2030-01-02T03:04:05.678Z ERROR the pool is empty',
  '2030-01-02 03:04:05,678 ERROR app.db: the pool is empty',
  '[12:03:04] error: no such thing',
  '[ERROR] Failed to execute goal',
  'web-1  | Error: listen EADDRINUSE',
  'time="2030-01-02" level=error msg="no such thing"',
  '{"level":"error","msg":"no such thing"}',
  'line 65432 Error: no such thing',
  'TypeError: x is not a function',
])('%s is an error', (text) => expect(isErrorLine(text)).toBe(true));

it.each([
  '0 errors, 0 warnings',
  '2030-01-02T03:04:05.678Z INFO handled an error of the client',
  'errors are printed here',
  'test ErrorPage renders',
  '12:03:04 compiling error.ts',
  'level=info msg="no error"',
])('%s is not', (text) => expect(isErrorLine(text)).toBe(false));
