"""Random lives of pins, deterministic by a seed (docs/simulation.md).

`python -m tests.simulation` runs them, each in a moment of real time: the app's own code in one process, over an
in-memory database, with time, the workers' turns and Pinterest under the simulator's control.
"""
