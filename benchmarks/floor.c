/* The least that telling everybody can cost here: a bare write() to each of COUNT connections.
 *
 *   floor PORT COUNT SIZE [GROUP]: takes COUNT connections on 127.0.0.1:PORT and says "ready"; for
 *   each line on its input it writes SIZE bytes, which begin with that line, to all, or to the next
 *   GROUP of them in turn, and says how many microseconds of processor time that took. Ends with
 *   its input.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static double used(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return 1e6 * (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + usage.ru_utime.tv_usec +
         usage.ru_stime.tv_usec;
}

int main(int argc, char **argv) {
  if (argc != 4 && argc != 5) return 2;
  int port = atoi(argv[1]), count = atoi(argv[2]), size = atoi(argv[3]), yes = 1;
  int *lines = calloc(count, sizeof *lines);
  int group = argc == 5 ? atoi(argv[4]) : count, next = 0;
  char *message = malloc(size), told[16];
  memset(message, '!', size);
  signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int door = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(door, (struct sockaddr *)&here, sizeof here) || listen(door, 4096)) return 1;
  puts("listening");
  fflush(stdout);
  for (int n = 0; n < count; n++)
    if ((lines[n] = accept(door, NULL, NULL)) < 0) return 1;
  puts("ready");
  fflush(stdout);
  while (fgets(told, sizeof told, stdin)) {
    double before = used();
    told[strcspn(told, "\n")] = ' ';
    memcpy(message, told, strlen(told));
    for (int n = 0; n < group; n++, next = (next + 1) % count)
      if (write(lines[next], message, size) != size) return 1;
    printf("%.0f\n", used() - before);
    fflush(stdout);
  }
  return 0;
}
