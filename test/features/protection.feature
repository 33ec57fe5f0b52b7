Feature: What the processor protects
  Seen from outside, through QEMU's monitor, while a program runs.

  Scenario: No page can be both written and executed, and the kernel's are the kernel's
    When "./end spin" runs in a machine that is watched
    Then more than 50 pages are mapped
    And no page is writable and executable
    And no page of the upper half can be reached from user mode
    And pages of the lower half can be reached from user mode

  Scenario: The processor's own guards are on
    When "./end spin" runs in a machine that is watched
    Then the bits WP of CR0 are set
    And the bits SMEP SMAP UMIP of CR4 are set
    And the bits NXE SCE LMA of EFER are set

  Scenario: In a processor without them the machine runs all the same
    When I run `bin/run --qemu '-cpu qemu64,-nx' ./hello`
    Then stdout is "hello\n"
