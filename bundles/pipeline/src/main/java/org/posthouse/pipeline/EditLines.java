// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.posthouse.api.AuthResults;
import org.posthouse.api.Edit;

/** What a hook changed, in lines that people read. */
final class EditLines {
    private static final int MOST_LINES = 50;
    private static final int MOST_TEXT = 200;

    private EditLines() {}

    static List<String> of(List<Edit> edits) {
        if (edits.isEmpty()) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        for (Edit edit : edits) {
            if (lines.size() == MOST_LINES) {
                lines.add("and " + (edits.size() - MOST_LINES) + " more");
                break;
            }
            String line = line(edit);
            lines.add(line.length() <= MOST_TEXT ? line : line.substring(0, MOST_TEXT) + "…");
        }
        return lines;
    }

    private static String line(Edit edit) {
        return switch (edit) {
            case Edit.AddHeader e -> "add header " + e.name() + ": " + e.value();
            case Edit.InsertHeader e -> "insert header at " + e.index() + " " + e.name() + ": " + e.value();
            case Edit.ChangeHeader e -> "change header " + e.name() + occurrence(e.occurrence()) + ": " + e.value();
            case Edit.RemoveHeader e ->
                "remove header " + e.name() + (e.occurrence() == 0 ? ", all" : occurrence(e.occurrence()));
            case Edit.ChangeSender e -> "change sender to <" + e.address() + ">";
            case Edit.AddRecipient e -> "add recipient <" + e.recipient().address() + ">";
            case Edit.RemoveRecipient e -> "remove recipient <" + e.address() + ">";
            case Edit.ReplaceRecipient e -> "replace recipient <" + e.address() + "> by " + e.by();
            case Edit.ReplaceBody e -> "replace body by " + e.body().size() + " octets";
            case Edit.Zone e -> "zone " + e.name();
            case Edit.Tenant e -> "tenant " + e.name();
            case Edit.Priority e -> "priority " + e.value();
            case Edit.Due e -> "due " + e.time();
            case Edit.Tag e -> "tag " + e.word();
            case Edit.Split e ->
                "split off " + e.recipients()
                        + e.sender().map(address -> " from <" + address + ">").orElse("")
                        + (e.edits().isEmpty() ? "" : " with " + of(e.edits()));
        };
    }

    private static String occurrence(int number) {
        return number == 1 ? "" : " (" + number + ")";
    }

    /** Results of checks as {@code method=value}. */
    static List<String> results(List<AuthResults.Result> results) {
        return results.isEmpty()
                ? List.of()
                : results.stream()
                        .map(result -> result.method() + "=" + result.value())
                        .toList();
    }
}
