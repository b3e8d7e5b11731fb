// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import static org.posthouse.api.Stage.DATA;
import static org.posthouse.api.Stage.DELIVER;
import static org.posthouse.api.Stage.MAIL;
import static org.posthouse.api.Stage.QUEUE;
import static org.posthouse.api.Stage.RCPT;

import java.util.EnumSet;
import java.util.Set;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;

/** Which edit needs which declaration, and at which stages it has a meaning. */
final class EditRules {
    private static final Set<org.posthouse.api.Stage> ANY = EnumSet.of(MAIL, RCPT, DATA, QUEUE);
    private static final Set<org.posthouse.api.Stage> FROM_RCPT = EnumSet.of(RCPT, DATA, QUEUE);
    private static final Set<org.posthouse.api.Stage> WITH_MESSAGE = EnumSet.of(DATA, QUEUE);
    private static final Set<org.posthouse.api.Stage> HEADERS = EnumSet.of(DATA, QUEUE, DELIVER);
    private static final Set<org.posthouse.api.Stage> SENDER = EnumSet.of(MAIL, RCPT, DATA, QUEUE, DELIVER);
    private static final Set<org.posthouse.api.Stage> ONLY_QUEUE = EnumSet.of(QUEUE);

    private EditRules() {}

    /** Refuses an edit that the hook did not declare, or that this stage does not know. */
    static void check(Overlay overlay, Edit edit) {
        switch (edit) {
            case Edit.AddHeader e -> allow(overlay, Need.EDIT_HEADERS, HEADERS, e);
            case Edit.InsertHeader e -> allow(overlay, Need.EDIT_HEADERS, HEADERS, e);
            case Edit.ChangeHeader e -> allow(overlay, Need.EDIT_HEADERS, HEADERS, e);
            case Edit.RemoveHeader e -> allow(overlay, Need.EDIT_HEADERS, HEADERS, e);
            case Edit.ChangeSender e -> allow(overlay, Need.EDIT_SENDER, SENDER, e);
            case Edit.AddRecipient e -> allow(overlay, Need.EDIT_RECIPIENTS, FROM_RCPT, e);
            case Edit.RemoveRecipient e -> allow(overlay, Need.EDIT_RECIPIENTS, FROM_RCPT, e);
            case Edit.ReplaceRecipient e -> allow(overlay, Need.EDIT_RECIPIENTS, FROM_RCPT, e);
            case Edit.ReplaceBody e -> allow(overlay, Need.EDIT_BODY, WITH_MESSAGE, e);
            case Edit.Zone e -> allow(overlay, Need.EDIT_ROUTING, ANY, e);
            case Edit.Tenant e -> allow(overlay, Need.EDIT_ROUTING, ANY, e);
            case Edit.Priority e -> allow(overlay, Need.EDIT_ROUTING, ANY, e);
            case Edit.Due e -> allow(overlay, Need.EDIT_ROUTING, ANY, e);
            case Edit.Tag e -> allow(overlay, Need.EDIT_ROUTING, ANY, e);
            case Edit.Split e -> {
                allow(overlay, Need.EDIT_RECIPIENTS, ONLY_QUEUE, e);
                e.sender().ifPresent(address -> overlay.require(Need.EDIT_SENDER));
                e.edits().forEach(inner -> check(overlay, inner));
            }
        }
    }

    private static void allow(Overlay overlay, Need need, Set<org.posthouse.api.Stage> stages, Edit edit) {
        overlay.require(need);
        org.posthouse.api.Stage stage = overlay.place().spec().stage();
        if (!stages.contains(stage)) {
            throw new IllegalStateException(edit.getClass().getSimpleName() + " has no meaning at stage " + stage);
        }
    }
}
