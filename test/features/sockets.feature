Feature: Sockets within the machine
  Programs that nobody here wrote talk to each other through sockets of AF_UNIX.

  Scenario: Redis and its client
    Given in "root" the programs "redis-check-rdb redis-cli" of this host with their libraries
    And an executable file "script":
      """
      #!/bin/bash
      ln -s redis-check-rdb /bin/redis-server
      redis-server --port 0 --unixsocket /tmp/redis --save '' --logfile /tmp/log &
      until [ -S /tmp/redis ]; do sleep 0.1; done
      r() { redis-cli -s /tmp/redis "$@"; }
      r ping
      r set answer 41
      r incr answer
      for i in {1..300}; do echo "rpush list $i"; done | r > /tmp/lengths
      mapfile -t lengths < /tmp/lengths
      echo ${lengths[-1]}
      r lrange list 0 2
      r eval 'local s = 0 for i, v in ipairs(redis.call("lrange", "list", 0, -1)) do s = s + v end return s' 0
      r -r 3 incrby answer 100
      r get missing
      r shutdown nosave
      wait
      [ -S /tmp/redis ] || echo gone
      """
    And in "root" the programs "ln sleep" of this host with their libraries
    When I run `bin/run --timeout 100 --root root ./script`
    Then stdout is:
      """
      PONG
      OK
      42
      300
      1
      2
      3
      45150
      142
      242
      342

      gone
      """
    And the exit status is 0

  Scenario: Fifty clients of Redis at once
    Given in "root" the programs "redis-check-rdb redis-benchmark redis-cli ln sleep" of this host with their libraries
    And an executable file "script":
      """
      #!/bin/bash
      ln -s redis-check-rdb /bin/redis-server
      redis-server --port 0 --unixsocket /tmp/redis --save '' --logfile /tmp/log &
      until [ -S /tmp/redis ]; do sleep 0.1; done
      redis-benchmark -s /tmp/redis -c 50 -n 2000 -t set,lpush,lrange_100 -q > /tmp/out && echo finished
      redis-cli -s /tmp/redis llen mylist
      redis-cli -s /tmp/redis shutdown nosave
      wait
      """
    When I run `bin/run --timeout 100 --root root ./script`
    Then stdout is "finished\n4000\n"

  Scenario: socat between programs
    Given in "root" the programs "socat tr sleep cat" of this host with their libraries
    And an executable file "script":
      """
      #!/bin/bash
      socat UNIX-LISTEN:/tmp/s,fork EXEC:'tr a-z A-Z' &
      until [ -S /tmp/s ]; do sleep 0.1; done
      for i in 1 2 3; do echo "connection $i" | socat - UNIX-CONNECT:/tmp/s; done
      socat -u ABSTRACT-RECVFROM:name OPEN:/tmp/got,creat &
      until echo datagram | socat -u - ABSTRACT-SENDTO:name; do sleep 0.1; done 2> /dev/null
      wait $!
      cat /tmp/got
      socat -u UNIX-LISTEN:/tmp/q,type=5 OPEN:/tmp/packets,creat &
      until [ -S /tmp/q ]; do sleep 0.1; done
      echo packet | socat -u - UNIX-CONNECT:/tmp/q,type=5
      wait $!
      cat /tmp/packets
      kill %1
      """
    When I run `bin/run --timeout 100 --root root ./script`
    Then stdout is:
      """
      CONNECTION 1
      CONNECTION 2
      CONNECTION 3
      datagram
      packet
      """

  Scenario: Python's own tests
    Given in "root" the library of Python and its tests
    When I run:
      """
      bin/run --timeout 150 -m 512 --root root /usr/bin/python3 -m unittest \
        test.test_socket test.test_socketserver test.test_asyncio.test_streams \
        -k Unix -k unix -k Unx -k SCM -k UDS -k SocketPair -k socketpair
      """
    Then the exit status is 0
    And stderr contains "Ran 98 tests"

  Scenario: /proc tells which sockets there are
    Given an executable file "script":
      """
      #!/usr/bin/python3
      import os, socket
      s = socket.socket(socket.AF_UNIX)
      s.bind('/tmp/named')
      s.listen(1)
      c = socket.socket(socket.AF_UNIX)
      c.connect('/tmp/named')
      d = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      d.bind('\0abstract')
      for line in open('/proc/net/unix'):
          fields = line.split()
          if len(fields) == 8 and fields[7] != 'Path':
              print(*fields[3:6], fields[7])
      print(os.readlink(f'/proc/self/fd/{s.fileno()}') == f'socket:[{os.fstat(s.fileno()).st_ino}]')
      """
    And in "root" the library of Python and its tests
    When I run `bin/run --timeout 100 -m 512 --root root ./script | sort`
    Then stdout is:
      """
      00000000 0001 02 /tmp/named
      00000000 0002 01 @abstract
      00010000 0001 01 /tmp/named
      True
      """

  Scenario: Processes and threads do random things with each other's sockets
    When I run `bin/run --timeout 200 -m 64 --append panic=off --log log ./sockets 4000 1`
    Then stdout is "done\n"
    And the exit status is 0
