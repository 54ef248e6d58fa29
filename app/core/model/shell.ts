/**
 * The shells that a suite can name: `bash`, `sh`, or a command in which `{0}` is the file of the script, as in
 * https://docs.github.com/actions/writing-workflows/workflow-syntax-for-github-actions#custom-shell
 */
export const shellPattern = /^(?:bash|sh|[^{}\0\n]{1,150}\{0\}[^{}\0\n]{0,40})$/;
