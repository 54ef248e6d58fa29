/**
 * A command that finds out whether a command of another branch runs on the same stack at the same time. Each holds a
 * shared lock for its stack and branch, which dies with its processes. A lock of another branch that is taken is written
 * to `violations`.
 *
 * The shell stops at the first failing command, so no check may end with a failure.
 *
 * @param directory where the locks are; outside the data directory, which tasks cannot see.
 */
export function guardedCommand(directory: string, seconds: number): string {
  return [
    `d=${directory}/$BERTH_STACK`,
    'mkdir -p $d',
    'mine="$d/$BERTH_BRANCH.lock"',
    'exec 7>>$d/mutex',
    'flock 7',
    'exec 8>>"$mine"',
    'flock -s 8',
    `for other in "$d"/*.lock; do [ "$other" = "$mine" ] || flock -n -x "$other" true || echo "$BERTH_RUN_ID of $BERTH_BRANCH met $other" >>${directory}/violations; done`,
    'exec 7>&-',
    `sleep ${seconds}`,
  ].join('\n');
}
