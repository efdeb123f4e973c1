/*
 * Runs in the guest: writes a number to one block of a disk again and again, and tells it on a virtio port when the disk has it. When
 * /run/stop is there it reads the number back, prints it and ends. In C and without a library call in its loop, since after the move an
 * emulated processor has to translate all that runs before the next write can be complete.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { block_size = 4096, blocks_between_looks = 16 };

static _Alignas(block_size) uint64_t block[block_size / sizeof(uint64_t)];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void tell(int port, uint64_t number)
{
	char text[24];
	size_t begin = sizeof(text);

	text[--begin] = '\n';
	for (; number != 0; number /= 10)
		text[--begin] = (char)('0' + number % 10);
	if (write(port, text + begin, sizeof(text) - begin) < 0)
		die("port");
}

int main(int argc, char **argv)
{
	const struct timespec pause = { .tv_nsec = 8000000 };
	uint64_t number = 0;

	if (argc != 4)
		return 2;
	int disk = open(argv[1], O_RDWR | O_DIRECT);
	off_t offset = strtoll(argv[2], NULL, 10);
	int port = open(argv[3], O_WRONLY);
	if (disk < 0 || port < 0)
		die("open");
	do {
		block[0] = ++number;
		if (pwrite(disk, block, block_size, offset) != block_size)
			die("write");
		tell(port, number);
		nanosleep(&pause, NULL);
	} while (number % blocks_between_looks != 0 || access("/run/stop", F_OK) != 0);

	if (pread(disk, block, block_size, offset) != block_size)
		die("read");
	if (block[0] != number) {
		fputs("the last write is not there\n", stderr);
		return 1;
	}
	printf("%llu\n", (unsigned long long)number);
	return 0;
}
