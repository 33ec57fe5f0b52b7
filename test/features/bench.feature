Feature: Cor beside Linux
  bin/bench counts and times what the kernels do. What it finds is not for a test to judge. It is always the kernel
  that people run: one that checks itself, and switches threads by chance, counts something else.

  Scenario: A row as a table, a picture, a file to compare with; its profile accounts for all of it
    When I run:
      """
      unset DEBUG SCHED_SEED
      bin/bench --mode instructions --runs 1 --output out --row stat-1 &&
        bin/bench --cor --mode instructions --runs 1 --row stat-1 --output again --against out/results.json &&
        bin/bench --profile stat-1
      """
    Then the exit status is 0
    And stdout contains "geometric mean"
    And stdout contains "change"
    And the file "out/results.json" contains "linux-off"
    And the file "out/plot.svg" contains "stat, 1 component"
    And the profile says "syscall_entry"
    And the profile's sum is what Cor's row says

  Scenario: The boot, counted
    When I run `bin/bench --cor --mode instructions --runs 1 --row boot-init --output out`
    Then the exit status is 0
    And stdout contains "boot, to the first instruction of init"

  Scenario: A row that is not there
    When I run `bin/bench --row nul`
    Then the exit status is 1
    And stderr contains "no row nul"
