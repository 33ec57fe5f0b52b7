Feature: The kernel's last words
  What ends the kernel is said on the screen and on the serial port, and the machine stops.

  Background:
    Given a disk image with the kernel

  Scenario Outline: an NMI while <where>
    And a disk image of a program that prints "running" and then <does>
    When it boots on a machine with "-smp 2 -drive file=DISK,format=raw,if=virtio"
    Then the serial port says "running"
    When an NMI comes
    Then it stops with "Kernel panic: NMI"
    And the serial port says "Stack trace:"

    Examples:
      | where             | does            |
      | a program runs    | runs for ever   |
      | the machine idles | sleeps for ever |
