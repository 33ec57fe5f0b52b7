Feature: The debugger from the first instruction on

  Scenario: the boot sector, as 16-bit code with its lines
    When I run "bin/debug_stage1 -batch -ex 'info registers eip' -ex 'x/i $pc' -ex 'si 3' -ex where"
    Then it prints "0x7c00"
    And it prints "jmp    0x7c3e <start>"
    And it prints "at boot/sector.asm:"
    And its exit status is 0

  Scenario: the loader, in real mode and then in protected mode
    When I run "bin/debug_stage1 -batch -ex 'tbreak loader' -ex c -ex 'tbreak header_check' -ex c -ex where"
    Then it prints "loader () at boot/loader.asm:"
    And it prints "#0  header_check () at boot/loader.asm:"

  Scenario: the kernel's first line, with a backtrace in C
    When I run "bin/debug -batch -ex backtrace -ex 'print/x info->magic'"
    Then it prints "#0  kernel_main (info="
    And it prints "0x21524f43"
    And its exit status is 0

  Scenario: what is in a kernel that stands still
    When I run "bin/debug -batch -ex 'tbreak pci_init' -ex c -ex dmesg -ex ps -ex frames"
    Then it prints "clock: tsc"
    And it prints "running     0"
    And it prints "in all"
    And its exit status is 0

  Scenario Outline: what they are for
    When I run "bin/<name> --help"
    Then it prints "usage: bin/<name> [GDB ARGUMENT...]"
    And its exit status is 0

    Examples:
      | name         |
      | debug        |
      | debug_stage1 |
