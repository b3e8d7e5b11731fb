// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.posthouse.config.spi.LaunchProperties;

/**
 * The program that takes this process over by {@code execv}: it has the same id, environment, working folder and standard
 * streams, so that a supervisor and a terminal keep their process, and nothing else of it.
 */
final class Successor {
    private static final int FIRST_OF_OURS = 3;
    private static final int CLOSE_ON_EXEC = 4;
    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;
    private static final int SIG_SETMASK = 2;
    /** As large as any sigset_t of Linux. */
    private static final int SIGNAL_SET = 128;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private final List<String> command;

    /**
     * @param command the program, by its path, and its arguments
     */
    Successor(List<String> command) {
        this.command = List.copyOf(command);
    }

    /** The server that is started as this one was: by the path of the same script, which may lead elsewhere by now. */
    static Successor ofServer(Home home, List<String> arguments) {
        Path shipped = home.path().resolve("bin/posthouse");
        String called = System.getProperty(LaunchProperties.SCRIPT, "");
        Path script = called.contains("/") && Files.isExecutable(Path.of(called))
                ? Path.of(called).toAbsolutePath()
                : shipped;
        return new Successor(
                Stream.concat(Stream.of(script.toString()), arguments.stream()).toList());
    }

    /** The program and its arguments. */
    List<String> command() {
        return command;
    }

    /**
     * Hands the process over; does not return when that works.
     *
     * @return why it did not
     */
    String takeOver() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MethodHandle exec = function(
                    "execv",
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS),
                    Linker.Option.captureCallState("errno"));
            MemorySegment arguments = arena.allocate(ValueLayout.ADDRESS, command.size() + 1L);
            for (int i = 0; i < command.size(); i++) {
                arguments.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(command.get(i)));
            }
            arguments.setAtIndex(ValueLayout.ADDRESS, command.size(), MemorySegment.NULL);
            closeOnExec();
            unblockSignals(arena);
            int result = (int) exec.invokeExact(state, arena.allocateFrom(command.getFirst()), arguments);
            return "execv of " + command.getFirst() + " returned " + result + ", errno " + (int) ERRNO.get(state, 0L);
        } catch (Throwable impossible) {
            // Handles may throw anything; whatever it is, this process goes on to its end.
            return "execv of " + command.getFirst() + ": " + impossible;
        }
    }

    /** Calling C is what this class is for; the start script allows it. */
    @SuppressWarnings("restricted")
    private static MethodHandle function(String name, FunctionDescriptor shape, Linker.Option... options) {
        MemorySegment symbol =
                LIBC.find(name).orElseThrow(() -> new IllegalStateException("the C library has no " + name));
        return LINKER.downcallHandle(symbol, shape, options);
    }

    /** Sockets and files of native libraries may be open without that mark, and the successor wants the same ports. */
    private static void closeOnExec() throws Throwable {
        if (LIBC.find("close_range").isPresent()) {
            MethodHandle closeRange = function(
                    "close_range",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            if ((int) closeRange.invokeExact(FIRST_OF_OURS, -1, CLOSE_ON_EXEC) == 0) {
                return;
            }
        }
        MethodHandle control = function(
                "fcntl",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            for (Path path : open.toList()) {
                int number = Integer.parseInt(String.valueOf(path.getFileName()));
                if (number >= FIRST_OF_OURS) {
                    // One that was closed meanwhile needs no mark.
                    int ignored = (int) control.invokeExact(number, F_SETFD, FD_CLOEXEC);
                }
            }
        }
    }

    /** The JVM blocks signals on its threads, and a mask outlives the program. */
    private static void unblockSignals(Arena arena) throws Throwable {
        MethodHandle mask = function(
                "pthread_sigmask",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        int ignored = (int) mask.invokeExact(SIG_SETMASK, arena.allocate(SIGNAL_SET), MemorySegment.NULL);
    }
}
