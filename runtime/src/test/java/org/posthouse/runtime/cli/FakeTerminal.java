// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime.cli;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A terminal at which these lines are typed, or none with these lines on standard input. */
final class FakeTerminal implements Terminal {
    private final boolean present;
    private final Deque<String> lines;
    private final List<String> questions = new ArrayList<>();

    FakeTerminal(boolean present, String... lines) {
        this.present = present;
        this.lines = new ArrayDeque<>(List.of(lines));
    }

    List<String> questions() {
        return questions;
    }

    @Override
    public boolean present() {
        return present;
    }

    @Override
    public @Nullable String ask(String question) {
        questions.add(question);
        return lines.poll();
    }

    @Override
    public @Nullable String secret(String question) {
        return ask(question);
    }

    @Override
    public @Nullable String input() {
        return lines.poll();
    }
}
