Feature: A mistake with a lock is found
  The DEBUG kernel keeps account of its locks. A copy of Cor in which one of them is used wrongly
  does not come through its boot, and says which lock it was.

  Scenario Outline: <function> <mistake>
    Given a copy of Cor in which <function> in <file> <mistake>
    When its DEBUG kernel boots
    Then it panics with "<message>"

    Examples:
      | file          | function    | mistake                   | message                          |
      | mm/slab.c     | cache_alloc | takes no lock             | lock \w+ must be held here       |
      | core/random.c | random_add  | never lets go of its lock | lock order: .* taken under random |
      | sched/work.c  | work_take   | never lets go of its lock | .* work\b                          |
      | sched/timer.c | timer_start | takes its lock twice      | lock timers taken twice          |
