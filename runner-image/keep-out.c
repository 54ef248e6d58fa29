/*
 * Loaded into the runner before its main(): closes the process to others of the same user. The tests run as that user,
 * and would else read the job with its tokens from /proc/<pid>/mem. See PR_SET_DUMPABLE in prctl(2), and ptrace(2).
 * Programs that the runner starts are open again: the flag is not kept over execve.
 */
#include <sys/prctl.h>

__attribute__((constructor)) static void keep_out(void) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
