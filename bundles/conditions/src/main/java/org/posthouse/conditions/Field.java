// SPDX-License-Identifier: Apache-2.0
package org.posthouse.conditions;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.posthouse.api.Stage;

/** What a rule can ask about, what it is compared like, and from which stage on it is known. */
public enum Field {
    PEER(Kind.NETWORK, Stage.CONNECT),
    LISTENER(Kind.TEXT, Stage.CONNECT),
    PROFILE(Kind.TEXT, Stage.CONNECT),
    TRUSTED(Kind.FLAG, Stage.CONNECT),
    ENCRYPTED(Kind.FLAG, Stage.CONNECT),
    ANY(Kind.FLAG, Stage.CONNECT),
    HELO(Kind.TEXT, Stage.HELO),
    TLS(Kind.TEXT, Stage.CONNECT),
    USER(Kind.TEXT, Stage.MAIL),
    AUTHENTICATED(Kind.FLAG, Stage.MAIL),
    FROM(Kind.TEXT, Stage.MAIL),
    TENANT(Kind.TEXT, Stage.MAIL),
    SIZE(Kind.NUMBER, Stage.MAIL),
    SCORE(Kind.NUMBER, Stage.MAIL),
    TO(Kind.TEXT, Stage.RCPT),
    HEADER(Kind.TEXT, Stage.DATA);

    /** How values are compared. */
    public enum Kind {
        TEXT,
        NUMBER,
        NETWORK,
        FLAG
    }

    private final Kind kind;
    private final Stage from;

    Field(Kind kind, Stage from) {
        this.kind = kind;
        this.from = from;
    }

    /** How its values are compared. */
    public Kind kind() {
        return kind;
    }

    /** Whether it is known at a stage. */
    public boolean knownAt(Stage stage) {
        return stage.compareTo(from) >= 0;
    }

    /** The word that names it in a rule. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The field of this word, in any case. */
    public static Optional<Field> of(String word) {
        return all().stream()
                .filter(field -> field.word().equalsIgnoreCase(word))
                .findFirst();
    }

    /** The fields that are known at a stage, for messages. */
    public static String at(Stage stage) {
        return String.join(
                ", ",
                all().stream()
                        .filter(field -> field.knownAt(stage))
                        .map(Field::word)
                        .toList());
    }

    private static Set<Field> all() {
        return EnumSet.allOf(Field.class);
    }
}
