// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import java.util.List;

/**
 * A step of the protocol: what a milter is told, and how it may ask to be spared the step or the duty to answer it.
 *
 * <p>Numbers are those of Sendmail's {@code libmilter/mfdef.h} and {@code mfapi.h}, macros those that Postfix sends unless it
 * is told otherwise (MILTER_README), and the client's beside them.
 */
enum Step {
    CONNECT(
            'C',
            0x1,
            0x1000,
            0,
            "j _ v {daemon_name} {daemon_addr} {client_addr} {client_name} {client_port} {client_ptr} {client_resolve}"),
    HELO('H', 0x2, 0x2000, 1, "{tls_version} {cipher} {cipher_bits}"),
    MAIL('M', 0x4, 0x4000, 2, "i {auth_type} {auth_authen} {mail_addr} {mail_host}"),
    RCPT('R', 0x8, 0x8000, 3, "i {rcpt_addr} {rcpt_host}"),
    DATA('T', 0x200, 0x10000, 4, "i"),
    HEADER('L', 0x20, 0x80, Step.NO_MACROS, ""),
    END_OF_HEADERS('N', 0x40, 0x40000, 6, "i"),
    BODY('B', 0x10, 0x80000, Step.NO_MACROS, ""),
    END_OF_MESSAGE('E', 0, 0, 5, "i");

    /** The step is not preceded by macros. */
    static final int NO_MACROS = -1;

    private final char command;
    private final int skip;
    private final int silent;
    private final int macroStage;
    private final List<String> macros;

    Step(char command, int skip, int silent, int macroStage, String macros) {
        this.command = command;
        this.skip = skip;
        this.silent = silent;
        this.macroStage = macroStage;
        this.macros = macros.isEmpty() ? List.of() : List.of(macros.split(" "));
    }

    /** The octet that begins its packet (SMFIC_…). */
    char command() {
        return command;
    }

    /** The bit by which a milter asks not to be told (SMFIP_NO…). */
    int skip() {
        return skip;
    }

    /** The bit by which a milter says that it does not answer (SMFIP_NR_…). */
    int silent() {
        return silent;
    }

    /** The number under which a milter lists the macros that it wants here (SMFIM_…). */
    int macroStage() {
        return macroStage;
    }

    /** The macros that are sent to a milter that did not list any. */
    List<String> macros() {
        return macros;
    }
}
