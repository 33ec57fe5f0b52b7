Feature: A boot that cannot go on says why
  The boot sector and the loader have a message for whatever can go wrong. It stands on the screen
  and goes to the serial port; then the machine stops, and does not restart or go on.

  Background:
    Given a disk image with the kernel

  Scenario: a processor of 32 bits
    When it boots on a machine with "-cpu pentium3 -drive file=DISK,format=raw,if=virtio"
    Then it stops with "Cor: this CPU has no long mode (64 bit)"

  Scenario: a processor that has not even CPUID
    When it boots on a machine with "-cpu 486,-apic -drive file=DISK,format=raw,if=virtio"
    Then it stops with "Cor: this CPU has no long mode (64 bit)"

  Scenario: a floppy disk, which no BIOS reads with extensions
    When it boots on a machine with "-drive file=DISK,format=raw,if=floppy"
    Then it stops with "Cor: no INT 13h extensions"

  Scenario Outline: a bad sector
    Given sector <sector> of the disk cannot be read
    When it boots on a machine with "<disk>"
    Then it stops with "Cor: disk error: sector <says> status 0x0?c"

    Examples:
      | sector | says  | disk                                                  |
      | 1      | 0x1   | -drive file=blkdebug:CONF:DISK,format=raw,if=virtio   |
      | 1      | 0x1   | -drive file=blkdebug:CONF:DISK,format=raw,if=ide      |
      | 2100   | 0x834 | -drive file=blkdebug:CONF:DISK,format=raw,if=virtio   |
      | 2100   | 0x834 | -drive file=blkdebug:CONF:DISK,format=raw,if=ide      |

  Scenario: the disk is shorter than the kernel
    Given the disk ends after sector 2060
    When it boots on a machine with "-drive file=DISK,format=raw,if=virtio"
    Then it stops with "Cor: disk error: sector 0x80c status 0x"

  Scenario: a stretch of the kernel was overwritten
    Given 4096 bytes of the kernel are zeros
    When it boots on a machine with "-drive file=DISK,format=raw,if=virtio"
    Then it stops with "Cor: the kernel is damaged: checksum 0x\h+, not 0x\h+"

  Scenario: the image header was damaged
    Given one bit of the image header is turned over
    When it boots on a machine with "-drive file=DISK,format=raw,if=virtio"
    Then it stops with "Cor: the image header is damaged"

  Scenario Outline: too little memory
    When it boots on a machine with "-m <MiB> -drive file=DISK,format=raw,if=virtio"
    Then it stops with "Cor: too little memory: \d+ MiB are needed"

    Examples:
      | MiB |
      | 2   |
      | 4   |
      | 8   |

  Scenario: an image without a kernel
    Given a disk image without a kernel
    When it boots on a machine with "-drive file=DISK,format=raw,if=virtio"
    Then it stops with "Cor: no kernel in this image"

  Scenario: a disk with a boot sector and nothing else
    Given sectors 1 to 20 of the disk are zeros
    When it boots on a machine with "-drive file=DISK,format=raw,if=virtio"
    Then it stops with "Cor: no loader on the disk"

  Scenario: no room for the root archive
    Given a disk image whose archive of 200 MiB is to be loaded
    When it boots on a machine with "-m 128 -drive file=DISK,format=raw,if=virtio"
    Then it stops with "Cor: no room in memory for the root archive: 209715200 bytes"

  Scenario: a processor of 32 bits, entered by PVH
    When the kernel is booted directly on a machine with "-cpu pentium3"
    Then it stops with "Cor: this CPU has no long mode (64 bit)"
