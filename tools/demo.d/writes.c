/*
 * Runs in the guest: writes a number to one block of a disk again and again, and tells it on a virtio port when the disk has it; each
 * sixteenth with the writes that the disk completed so far, of everybody (/sys/block/DISK/stat). When /run/stop is there it reads the
 * number back, prints it and ends. In C and with few calls in its loop, since after the move an emulated processor has to translate
 * all that runs before the next write can be complete.
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

/* Puts the number and what ends it before where the text begins. */
static char *put(char *begin, uint64_t number, char end)
{
	*--begin = end;
	for (; number != 0; number /= 10)
		*--begin = (char)('0' + number % 10);
	return begin;
}

static void tell(int port, uint64_t number, uint64_t completed)
{
	char text[48], *const end = text + sizeof(text), *begin = end;

	if (completed != 0)
		begin = put(begin, completed, '\n');
	begin = put(begin, number, completed != 0 ? ' ' : '\n');
	if (write(port, begin, (size_t)(end - begin)) < 0)
		die("port");
}

/* The fifth number of the statistics, of writes that are complete. */
static uint64_t writes_completed(int statistics)
{
	char text[256];
	ssize_t length = pread(statistics, text, sizeof(text) - 1, 0);
	unsigned long long completed;

	if (length < 0)
		die("statistics");
	text[length] = 0;
	return sscanf(text, "%*u %*u %*u %*u %llu", &completed) == 1 ? completed : 0;
}

int main(int argc, char **argv)
{
	const struct timespec pause = { .tv_nsec = 8000000 };
	uint64_t number = 0;

	if (argc != 5)
		return 2;
	int disk = open(argv[1], O_RDWR | O_DIRECT);
	off_t offset = strtoll(argv[2], NULL, 10);
	int port = open(argv[3], O_WRONLY);
	int statistics = open(argv[4], O_RDONLY);
	if (disk < 0 || port < 0 || statistics < 0)
		die("open");
	do {
		block[0] = ++number;
		if (pwrite(disk, block, block_size, offset) != block_size)
			die("write");
		tell(port, number, number % blocks_between_looks == 0 ? writes_completed(statistics) : 0);
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
