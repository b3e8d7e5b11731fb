// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.authfile;

import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.posthouse.api.operator.CommandException;

/** What commands do to the lines of the file; every line that is not theirs stays as it is. */
record UserEdits(Accounts accounts) {
    /** Adds a user behind the others. */
    void add(User user) throws CommandException {
        change(lines -> {
            if (!rows(lines, user.name()).isEmpty()) {
                throw new CommandException(user.name() + " is there already");
            }
            if (!lines.isEmpty() && lines.getLast().isEmpty()) {
                lines.removeLast();
            }
            lines.add(UserLine.text(user));
            return lines;
        });
    }

    /** Changes the line of a user. */
    void replace(String name, UnaryOperator<User> change) throws CommandException {
        change(lines -> {
            int row = row(lines, name);
            lines.set(row, UserLine.text(change.apply(parsed(lines.get(row), name))));
            return lines;
        });
    }

    /** Gives a user a new password, also where the old one can not be read. */
    void rehash(String name, Hash hash, UnaryOperator<User> change) throws CommandException {
        change(lines -> {
            int row = row(lines, name);
            String line = lines.get(row).strip();
            String[] words = line.split("[ \t]+", 3);
            String healed = words[0] + " " + hash.text() + (words.length > 2 ? " " + words[2] : "");
            lines.set(row, UserLine.text(change.apply(parsed(healed, name))));
            return lines;
        });
    }

    /** Takes every line of a user out. */
    void remove(String name) throws CommandException {
        change(lines -> {
            List<Integer> rows = rows(lines, name);
            if (rows.isEmpty()) {
                throw new CommandException("There is no user " + name);
            }
            rows.reversed().forEach(row -> lines.remove(row.intValue()));
            return lines;
        });
    }

    private void change(UserFile.Edit<CommandException> edit) throws CommandException {
        try {
            accounts.file().edit(edit);
        } catch (IOException e) {
            throw new CommandException("The file of users can not be changed: " + e.getMessage());
        }
    }

    private static int row(List<String> lines, String name) throws CommandException {
        List<Integer> rows = rows(lines, name);
        if (rows.size() != 1) {
            throw new CommandException(
                    rows.isEmpty() ? "There is no user " + name : name + " stands there twice; take one out by hand");
        }
        return rows.getFirst();
    }

    private static List<Integer> rows(List<String> lines, String name) {
        return IntStream.range(0, lines.size())
                .filter(i -> !UserLine.isComment(lines.get(i))
                        && UserLine.name(lines.get(i)).equals(name))
                .boxed()
                .toList();
    }

    private static User parsed(String line, String name) throws CommandException {
        try {
            return UserLine.parse(line);
        } catch (DamagedLine e) {
            throw new CommandException("The line of " + name + " is damaged: " + e.getMessage());
        }
    }

    /** A name as it is kept. */
    static String name(String text) throws CommandException {
        try {
            return Spelling.name(text);
        } catch (DamagedLine e) {
            throw new CommandException("Not a name: " + e.getMessage());
        }
    }

    /** Senders as they are kept. */
    static List<String> senders(List<String> texts) throws CommandException {
        try {
            return Spelling.senders(texts);
        } catch (DamagedLine e) {
            throw new CommandException("Not a sender: " + e.getMessage());
        }
    }

    /** A new password as it is compared. */
    String password(String text) throws CommandException {
        String password = Spelling.prepared(text);
        if (password.codePointCount(0, password.length()) < accounts.minPassword()) {
            throw new CommandException("A password has " + accounts.minPassword() + " characters at least");
        }
        if (Hash.octets(password).length > Hash.MOST_OCTETS) {
            // Beyond them bcrypt would compare nothing.
            throw new CommandException("A password has " + Hash.MOST_OCTETS
                    + " octets at most; a letter with an accent takes two, others up to four");
        }
        if (password.chars().anyMatch(Character::isISOControl)) {
            throw new CommandException("A password has no control character");
        }
        return password;
    }
}
