Feature: What the processor is told to forbid
  Seen from outside, through QEMU's monitor, while a program runs.

  Background:
    Given a disk image with the kernel
    And a disk image of a program that prints "running" and then runs for ever

  Scenario Outline: the page tables
    When it boots on a machine with "-cpu <cpu> -drive file=DISK,format=raw,if=virtio"
    And the serial port has said "running"
    Then no page is writable and executable
    And no page of the kernel can be reached from user mode
    And the kernel's text and read-only data cannot be written, at either of their addresses
    And of the kernel's half only its text can be executed

    Examples:
      | cpu        |
      | max        |
      | qemu64     |
      | Opteron_G1 |

  Scenario: the control registers of a processor that has everything
    When it boots on a machine with "-cpu max -drive file=DISK,format=raw,if=virtio"
    And the serial port has said "running"
    Then CR0 has PE, MP, NE, WP and PG, and neither EM nor TS
    And CR4 has PAE, PGE, OSFXSR, OSXMMEXCPT, UMIP, OSXSAVE, SMEP and SMAP
    And EFER has SCE, LME, LMA and NXE

  Scenario: In a processor without them the machine runs all the same
    When I run `bin/run --qemu '-cpu qemu64,-nx' ./hello`
    Then stdout is "hello\n"

  Scenario: A program does not get into 32-bit code, where SYSCALL goes another way on AMD's processors
    When I run `bin/run ./compat`
    Then the exit status is 139
