Feature: System V IPC
  Debian's own tools make, show and remove shared memory, semaphores and message queues.

  Background:
    Given in "root" the programs "ipcs ipcmk ipcrm sed" of this host with their libraries

  Scenario: Made, listed and removed
    Given an executable file "script":
      """
      #!/bin/bash
      m=$(ipcmk -M 5000 -p 640) s=$(ipcmk -S 3) q=$(ipcmk -Q)
      echo "${m% *} ${s% *} ${q% *}"
      ipcs | sed 's/^0x[0-9a-f]*/KEY/; s/ *$//'
      ipcs -s -i ${s##* } | sed -n '/^semnum/,$ { s/  *[0-9a-z]* *$//; p }'
      ipcrm -m ${m##* } -s ${s##* } -q ${q##* }; echo $?
      ipcrm -m ${m##* }; echo $?
      ipcs -u | sed -n '/\(allocated\|used\) [a-z]* *=\|segments/p'
      """
    When I run `bin/run --timeout 60 --root root ./script`
    Then stdout is:
      """
      Shared memory id: Semaphore id: Message queue id:

      ------ Message Queues --------
      key        msqid      owner      perms      used-bytes   messages
      KEY 0          root       644        0            0

      ------ Shared Memory Segments --------
      key        shmid      owner      perms      bytes      nattch     status
      KEY 0          root       640        5000       0

      ------ Semaphore Arrays --------
      key        semid      owner      perms      nsems
      KEY 0          root       644        3

      semnum     value      ncount     zcount
      0          0          0          0
      1          0          0          0
      2          0          0          0

      0
      1
      allocated queues = 0
      used headers = 0
      used space = 0 bytes
      segments allocated 0
      used arrays = 0
      allocated semaphores = 0
      """
    And stderr is "ipcrm: invalid id (0)\n"

  Scenario: Limits can be read and changed
    Given an executable file "script":
      """
      #!/bin/bash
      echo 8192 > /proc/sys/kernel/shmmax
      echo 10 > /proc/sys/kernel/shmmni
      echo 5 20 > /proc/sys/kernel/sem
      echo 32769 > /proc/sys/kernel/msgmni
      ipcs -l | sed -n '/=/p'
      ipcmk -M 8193
      ipcmk -S 6
      ipcmk -S 5; ipcmk -S 5; ipcmk -S 5; ipcmk -S 5; ipcmk -S 1
      """
    When I run `bin/run --timeout 60 --root root ./script`
    Then stdout is:
      """
      max queues system wide = 32000
      max size of message (bytes) = 8192
      default max size of queue (bytes) = 16384
      max number of segments = 10
      max seg size (kbytes) = 8
      max total shared memory (kbytes) = 18446744073709551612
      min seg size (bytes) = 1
      max number of arrays = 32000
      max semaphores per array = 5
      max semaphores system wide = 20
      max ops per semop call = 500
      semaphore max value = 32767
      Semaphore id: 0
      Semaphore id: 1
      Semaphore id: 2
      Semaphore id: 3
      """
    And stderr contains "ipcmk: create share memory failed: Invalid argument"
    And stderr contains "ipcmk: create semaphore failed: No space left on device"
