Feature: Memory
  A program gets what there is, and pays for it itself.

  Scenario: A program that takes all memory is killed, and says nothing of it
    When I run `bin/run --timeout 60 -m 64 --log log ./eat`
    Then the exit status is 137
    And stdout is empty
    And the file "log" contains "out of memory"

  Scenario: A small program beside one that takes all memory does not notice
    When I run `bin/run --timeout 60 -m 64 --log log ./innocent`
    Then stdout has 6 lines
    And stdout has no "not"
    And the exit status is 0

  Scenario: Memory full of a file's pages is no reason to refuse programs
    Given a file "root/big" of 100000 KiB of random bytes
    When I run `bin/run --timeout 60 -m 64 --log log --root root ./crowd /big`
    Then stdout is "all of them\n"
    And the exit status is 0

  Scenario: A machine of 32 MiB runs a program
    When I run `bin/run -m 32 ./hello`
    Then stdout is "hello\n"
    And the exit status is 0

  Scenario: A fault is a line in the log, and the end of just that program
    When I run `bin/run --log log ./end segv`
    Then the exit status is 139
    And the file "log" contains "end["

  Scenario Outline: A program gives back all that it had, to the page
    When I run:
      """
      mkdir -p root/bin && cp -L ./hello ./eat ./end ./churn ./sockets ./waits root/bin
      rm ./hello ./eat ./end ./churn ./sockets ./waits
      bin/run --timeout 60 -m 64 --log log --root root ./spawn 5 /bin/<program>
      """
    Then the exit status is <status>
    And each owner of memory has the same number of frames after each run

    Examples:
      | program        | status |
      | hello          | 0      |
      | end segv       | 139    |
      | churn          | 0      |
      | waits          | 137    |
      | sockets 3000 1 | 0      |
      | eat            | 137    |
