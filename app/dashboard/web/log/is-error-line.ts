/** Phrases by which compilers, package managers, runtimes and shells report that they give up. */
const errors = [
  /^\s*(?:[^\s:]{1,80}:\s?){0,3}(?:fatal )?error(?:\[\w+\]|\s\w{1,4}\d+)?\s*[:!]/i,
  /\berror TS\d+:/,
  /^\s*(?:::error|##\[error\])/,
  /^\s*(?:fatal|panic|critical)\b.{0,20}:/i,
  /\b[A-Z]\w*(?:Error|Exception|Fault)\b(?::|$| at\b)/,
  /^Traceback \(most recent call last\)/,
  /(?:^|\s)(?:Uncaught )?Error: \S/,
  /\blevel"?[=:] ?"?(?:error|fatal|panic)\b/i,
  /\bnpm (?:ERR!|error)/,
  /^\s*E:\s/,
  /^\s*(?:ERROR|FATAL|FAILED?|FAILURE)\b/,
  /^\s*\[(?:error|fatal)\]/i,
  /\b(?:command not found|No such file or directory|Permission denied|Connection refused|Segmentation fault|core dumped)\b/i,
  /\b(?:ENOENT|EACCES|ECONNREFUSED|ENOSPC|ETIMEDOUT|EADDRINUSE)\b/,
  /\b(?:Cannot find module|Unable to resolve|undefined reference|unresolved reference|out of memory|Killed$)/i,
  /^make(?:\[\d+\])?: \*\*\*/,
  /^\s*(?:not ok \d|✗|✖|✘|×) ?/,
  /^--- FAIL: /,
];
const notErrors =
  /\b(?:0|no|without) (?:errors?|failures?|failed)\b|\berrors?[:=] ?0\b|\bfailed[:=] ?0\b|\bwarning\b|\bretry(?:ing)?\b|^\[berth\]/i;

/** Matches the times, tags in brackets, and `web | ` that loggers put before a message. */
const prefix = /^\s*(?:[[(]?\d[\d:T.,/Z+ -]{4,}[\])]?\s*|\[[^\]\s]{1,40}\]\s+|\w[\w.-]{0,40} +\| )+/;

/** Tells whether a line reports an error. @param text the line without control sequences. */
export function isErrorLine(text: string): boolean {
  if (text.length >= 2000 || notErrors.test(text)) return false;
  const message = text.replace(prefix, '');
  return errors.some((pattern) => pattern.test(text) || pattern.test(message));
}
