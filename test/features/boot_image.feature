Feature: The disk image as others see it
  A partitioning tool, a picky BIOS and a person who gives a wrong file.

  Background:
    Given a disk image with the kernel

  Scenario: the partition table
    Then the disk is at least 1 MiB long, in whole MiB
    And its boot sector ends in 55 AA and begins with a jump over bytes 3 to 61
    And one partition is active, and begins at sector 2048, which is 0/32/33
    And that partition ends with the disk
    And the other partitions are empty

  Scenario: two images are told apart
    Given another disk image with the kernel
    Then their disk signatures and their image ids differ

  Scenario Outline: what cannot be made into an image
    When I make an image with <arguments>
    Then it fails with "<message>"
    And the old image is still there

    Examples:
      | arguments                                     | message                                    |
      | --kernel README.missing                       | README.missing: No such file or directory  |
      | --kernel Makefile                             | Makefile: not a kernel                     |
      | --kernel /bin/true                            | /bin/true: not a kernel                    |
      | --archive missing.cpio                        | missing.cpio: No such file or directory    |
      | --archive stage2                              | stage2: not a regular file                 |
      | --sector build/boot/loader.bin                | build/boot/loader.bin: not a boot sector   |
      | --loader build/gcc/cor.elf                    | build/gcc/cor.elf: a loader has 1 to 8192  |
      | --cmdline "$(printf %456s x)"                 | command line has at most 455 bytes         |
