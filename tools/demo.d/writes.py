# Writes a number to one block of a disk again and again, and tells it on a virtio port when the disk has it.
import glob
import mmap
import os
import sys
import time

with open("/run/writes.pid", "w") as file:
    file.write(str(os.getpid()))
disk = os.open(sys.argv[1], os.O_RDWR | os.O_DIRECT)
offset = int(sys.argv[2])
name = next(path for path in glob.glob("/sys/class/virtio-ports/*/name") if open(path).read() == "demo.writes\n")
port = os.open("/dev/" + name.split("/")[-2], os.O_WRONLY)
block = mmap.mmap(-1, 4096)
number = 0
while not os.path.exists("/run/stop"):
    number += 1
    block[:8] = number.to_bytes(8, "little")
    os.pwrite(disk, block, offset)
    os.write(port, b"%d\n" % number)
    time.sleep(0.008)
os.preadv(disk, [block], offset)
if int.from_bytes(block[:8], "little") != number:
    sys.exit("the last write is not there")
print(number)
