// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.util.List;
import java.util.Map;

/**
 * What server and milter agreed on.
 *
 * @param version of the protocol, 2 to 6
 * @param actions what the milter may do to a message
 * @param steps which steps it is spared, and which it does not answer
 * @param macros the macros that it wants, by the number of the stage; without a stage it gets the usual ones
 */
record Options(int version, int actions, int steps, Map<Integer, List<String>> macros) {
    /** The newest version, of Sendmail 8.14. */
    static final int NEWEST = 6;

    /** The oldest one that is spoken. */
    static final int OLDEST = 2;

    static final int ADD_HEADERS = 0x1;
    static final int CHANGE_BODY = 0x2;
    static final int ADD_RECIPIENT = 0x4;
    static final int REMOVE_RECIPIENT = 0x8;
    static final int CHANGE_HEADERS = 0x10;
    static final int QUARANTINE = 0x20;
    static final int CHANGE_SENDER = 0x40;
    static final int ADD_RECIPIENT_WITH = 0x80;
    static final int LIST_MACROS = 0x100;

    /** All that a milter may do here. */
    static final int ALL_ACTIONS = 0x1FF;

    /** The milter may say that it has seen enough of the body. */
    static final int SKIP = 0x400;

    /** The milter wants recipients that were refused; not offered, for what refused them may be asked after it. */
    static final int REFUSED_RECIPIENTS = 0x800;

    /** Values of fields keep their first space. */
    static final int LEADING_SPACE = 0x100000;

    /** All steps that may be skipped, all answers that may be left out, and the extensions of version 6. */
    static final int ALL_STEPS = 0x1FFFFF & ~REFUSED_RECIPIENTS;

    private static final int FIRST_WITH_DATA = 4;

    Options {
        macros = Map.copyOf(macros);
    }

    /** Whether the milter is told of this step. */
    boolean tells(Step step) {
        return (steps & step.skip()) == 0 && (step != Step.DATA || version >= FIRST_WITH_DATA);
    }

    /** Whether the milter answers this step. */
    boolean answers(Step step) {
        return (steps & step.silent()) == 0;
    }

    /** Whether the milter asked for leave to do this. */
    boolean may(int action) {
        return (actions & action) != 0;
    }

    /** Whether this extension is in force. */
    boolean has(int extension) {
        return (steps & extension) != 0;
    }

    /** The macros that go before this step. */
    List<String> macros(Step step) {
        return macros.getOrDefault(step.macroStage(), step.macros());
    }
}
