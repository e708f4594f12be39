"""The leak check sees what it says it sees, and is quiet about what ends by itself."""

import asyncio
import subprocess
import sys
import threading
import time
from multiprocessing import shared_memory

import pytest

from streamlab.testing.leaks import Leak, check_leaks

pytestmark = pytest.mark.contract("L5")


def test_nothing_left_is_fine(tmp_path):
    with check_leaks(settle=0), open(tmp_path / "file", "w") as file:
        file.write("x")


@pytest.mark.parametrize("daemon", [True, False])
def test_a_thread_is_found(daemon):
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="streamlab:left", daemon=daemon)
    with pytest.raises(Leak, match="thread 'streamlab:left'"), check_leaks(settle=0):
        thread.start()
    stop.set()
    thread.join()


def test_a_thread_that_is_about_to_end_is_waited_for():
    with check_leaks():
        thread = threading.Thread(target=time.sleep, args=(0.05,))
        thread.start()
    assert not thread.is_alive()


def test_an_open_file_is_found(tmp_path):
    with pytest.raises(Leak, match=r"open file \d+ -> .*left\.txt"), check_leaks(settle=0):
        file = open(tmp_path / "left.txt", "w")  # noqa: SIM115 - left open on purpose
    file.close()


def test_a_task_is_found():
    loop = asyncio.new_event_loop()
    with pytest.raises(Leak, match="task 'left'"), check_leaks(settle=0):
        task = loop.create_task(asyncio.sleep(1), name="left")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()


@pytest.mark.skipif(sys.platform != "linux", reason="child processes are found through /proc")
def test_a_child_process_is_found():
    with pytest.raises(Leak, match=r"child process \d+ \(.*sleep"), check_leaks(settle=0):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        time.sleep(0.05)
    child.kill()
    child.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="shared memory is found through /dev/shm")
def test_shared_memory_is_found():
    with pytest.raises(Leak, match="shared memory 'streamlab_test"), check_leaks(settle=0):
        memory = shared_memory.SharedMemory("streamlab_test", create=True, size=16)
        memory.close()
    memory.unlink()


def test_an_error_of_the_block_comes_first():
    with pytest.raises(ZeroDivisionError), check_leaks(settle=0):
        thread = threading.Thread(target=time.sleep, args=(0.2,))
        thread.start()
        _ = 1 / 0
    thread.join()
