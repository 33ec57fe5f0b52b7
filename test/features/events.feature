Feature: Waiting for events
  Programs that nobody here wrote watch files, wait for descriptors, timers and signals.

  Scenario: inotifywait
    Given in "root" the programs "inotifywait mkdir mv rm sleep grep sed" of this host with their libraries
    And an executable file "script":
      """
      #!/bin/bash
      mkdir -p /tmp/w/deep
      inotifywait -m -r -e create,modify,close_write,move,delete,delete_self --format '%w %e %f' /tmp/w \
        > /tmp/events 2> /tmp/said &
      until grep -q established /tmp/said; do sleep 0.1; done
      echo hello > /tmp/w/file
      mv /tmp/w/file /tmp/w/deep/other
      mkdir /tmp/w/new
      sleep 1
      echo x > /tmp/w/new/inside
      rm /tmp/w/deep/other
      rm -r /tmp/w/new
      sleep 1
      kill %1
      wait
      sed 's/ $//' /tmp/events
      inotifywait -q -t 1 -e modify /tmp; echo $?
      (sleep 1; echo y > /tmp/later) &
      inotifywait -q -e create --format %f /tmp; echo $?
      """
    When I run `bin/run --timeout 60 --root root ./script`
    Then stdout is:
      """
      /tmp/w/ CREATE file
      /tmp/w/ MODIFY file
      /tmp/w/ CLOSE_WRITE,CLOSE file
      /tmp/w/ MOVED_FROM file
      /tmp/w/deep/ MOVED_TO other
      /tmp/w/ CREATE,ISDIR new
      /tmp/w/new/ CREATE inside
      /tmp/w/new/ MODIFY inside
      /tmp/w/new/ CLOSE_WRITE,CLOSE inside
      /tmp/w/deep/ DELETE other
      /tmp/w/new/ DELETE inside
      /tmp/w/new/ DELETE_SELF
      /tmp/w/ DELETE,ISDIR new
      2
      later
      0
      """

  Scenario Outline: Python's own tests of <what>
    Given in "root" the library of Python and its tests
    And in "root" the programs "sh sleep /usr/bin/python3" of this host with their libraries
    When I run `bin/run --timeout 150 -m 512 --root root /bin/python3 -m unittest <tests>`
    Then the exit status is 0
    And stderr contains "Ran <sum> tests"

    Examples:
      | what      | tests                                                                  | sum |
      | signals   | test.test_signal -k Pending -k Itimer -k Pidfd -k WakeupSignal         | 25  |
      | selectors | test.test_selectors -k EpollSelector -k PollSelector -k SelectSelector | 57  |
      | polling   | test.test_poll test.test_threadsignals                                 | 13  |
