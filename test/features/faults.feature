Feature: Misfortune
  Whatever fails, and however a program ends, the machine is as good as before, and every frame of memory is back with
  its owner.

  # On the DEBUG kernel, which lets a program choose the allocation that fails: each in its turn.
  Scenario Outline: There is no memory, in the midst of <what>
    When I run:
      """
      mkdir -p root/bin && cp -L ./faults root/bin && truncate -s 8M disk
      DEBUG=1 bin/run --timeout 100 -m 64 --disk disk --root root ./spawn 2 /bin/faults <what>
      """
    Then the exit status is 0
    And stdout contains "<what>: "
    And each owner of memory has the same number of frames after each run

    Examples:
      | what       |
      | fork       |
      | exec       |
      | clone      |
      | mmap       |
      | mremap     |
      | open       |
      | names      |
      | proc       |
      | mount      |
      | bind       |
      | room       |
      | disk       |
      | told       |
      | pipe       |
      | socketpair |
      | socket     |
      | poll       |
      | epoll      |
      | signal     |
      | timer      |
      | inotify    |
      | ipc        |

  Scenario Outline: <what>
    When I run:
      """
      mkdir -p root/bin && cp -L ./misuse "$(command -v busybox)" root/bin && ln -s busybox root/bin/sh
      DEBUG=1 bin/run --timeout 100 -m 64 --root root ./spawn 2 /bin/misuse <how>
      """
    Then the exit status is 0
    And stdout is "usable\nusable\n"
    And each owner of memory has the same number of frames after each run

    Examples:
      | how         | what                                                            |
      | processes   | A process that makes two of itself, as each of those does       |
      | threads     | A process that starts threads, and none of them ends            |
      | descriptors | A process that opens all kinds of things                        |
      | pipes       | A process that fills pipes that nobody reads                    |
      | files       | A process that fills the file system                            |
      | deaths      | Processes that are killed at any point of what processes may do |
