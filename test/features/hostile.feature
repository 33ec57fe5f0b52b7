Feature: Hostile programs
  Whatever a program asks the kernel for, it harms only itself.

  Scenario: A thousand programs that make random system calls
    When I run `bin/run --timeout 200 -m 64 --append panic=off --log log ./calls 1000 300 20`
    Then stdout is "done\n"
    And the exit status is 0
