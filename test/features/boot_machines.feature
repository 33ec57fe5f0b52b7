Feature: The machines that the image boots on
  One image, and every way in which a BIOS can read it. Init says hello, and turns the machine off.

  Background:
    Given a disk image with the kernel

  Scenario Outline: the disk's controller
    When it boots on a machine with "-machine <machine> -drive file=DISK,format=raw,<disk>"
    Then init says hello
    And the machine goes off

    Examples:
      | machine | disk                                                                      |
      | pc      | if=virtio                                                                 |
      | pc      | if=ide                                                                    |
      | pc      | if=none,id=d -device ahci,id=a -device ide-hd,bus=a.0,drive=d             |
      | pc      | if=none,id=d -device nvme,drive=d,serial=1                                |
      | pc      | if=none,id=d -device virtio-scsi-pci -device scsi-hd,drive=d              |
      | pc      | if=none,id=d -device qemu-xhci -device usb-storage,drive=d                |
      | pc      | if=none,id=d -device usb-ehci -device usb-storage,drive=d                 |
      | q35     | if=virtio                                                                 |
      | q35     | if=none,id=d -device piix3-ide,id=i -device ide-hd,bus=i.0,drive=d        |
      | q35     | if=ide                                                                    |
      | q35     | if=none,id=d -device nvme,drive=d,serial=1                                |
      | q35     | if=none,id=d -device virtio-scsi-pci -device scsi-hd,drive=d              |
      | q35     | if=none,id=d -device qemu-xhci -device usb-storage,drive=d                |
      | q35     | if=none,id=d -device usb-ehci -device usb-storage,drive=d                 |

  Scenario Outline: memory
    When it boots on a machine with "-m <MiB> -drive file=DISK,format=raw,if=virtio"
    Then init says hello
    And the machine goes off

    Examples:
      | MiB   |
      | 32    |
      | 64    |
      | 3072  |
      | 4096  |
      | 16384 |

  Scenario Outline: processors
    When it boots on a machine with "-cpu <model> -smp <count> -drive file=DISK,format=raw,if=virtio"
    Then init says hello
    And the machine goes off

    Examples:
      | model          | count |
      | qemu64         | 1     |
      | Opteron_G1     | 1     |
      | Nehalem        | 2     |
      | Opteron_G5     | 1     |
      | Skylake-Client | 3     |
      | EPYC           | 2     |
      | max            | 4     |

  Scenario Outline: clocks that measure the others
    When it boots on a machine with "<machine> -drive file=DISK,format=raw,if=virtio"
    Then the serial port says "measured by <clock>"
    And init says hello
    And the machine goes off

    Examples:
      | machine                     | clock         |
      | -machine pc                 | HPET          |
      | -machine q35,hpet=off       | ACPI PM timer |

  Scenario: no ACPI tables
    When it boots on a machine with "-no-acpi -drive file=DISK,format=raw,if=virtio"
    Then the serial port says "measured by PIT"
    And init says hello

  Scenario Outline: without a BIOS's disk, by PVH
    When the kernel is booted directly on a machine that is to come up with "<machine>"
    Then init says hello
    And the machine goes off

    Examples:
      | machine         |
      | -machine pc     |
      | -machine q35    |
      | -machine pc -m 32 |

  Scenario: another BIOS
    When it boots in Bochs on a "corei7_haswell_4770"
    Then init says hello
    And Bochs ends

  Scenario: another BIOS, a processor of 32 bits
    When it boots in Bochs on a "p3_katmai"
    Then the serial port says "Cor: this CPU has no long mode (64 bit)"

  Scenario Outline: a program on a stick, for whose controller there is no driver
    Given a disk image of a program that prints "hello from a stick"
    When it boots on a machine with "<machine> -drive file=DISK,format=raw,if=none,id=d <disk>"
    Then the serial port says "hello from a stick"
    And the machine goes off

    Examples:
      | machine           | disk                                              |
      | -machine pc -m 32 | -device usb-ehci -device usb-storage,drive=d      |
      | -machine q35      | -device qemu-xhci -device usb-storage,drive=d     |
      | -machine q35      | -device nvme,drive=d,serial=1                     |

  Scenario: a program on a disk of Bochs
    Given a disk image of a program that prints "hello from Bochs"
    When it boots in Bochs on a "corei7_haswell_4770"
    Then the serial port says "hello from Bochs"
    And Bochs ends
