/*
 * Loaded into the runner before its main(): denies other processes of the same user access to it. The tests run as that
 * user, and could otherwise read the job with its tokens from /proc/<pid>/mem. See PR_SET_DUMPABLE in prctl(2), and
 * ptrace(2). Programs that the runner starts are not protected: execve resets the flag.
 */
#include <sys/prctl.h>

__attribute__((constructor)) static void keep_out(void) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
