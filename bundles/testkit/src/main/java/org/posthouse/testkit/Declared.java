// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit;

import static org.posthouse.api.Stage.DATA;
import static org.posthouse.api.Stage.DELIVER;
import static org.posthouse.api.Stage.MAIL;
import static org.posthouse.api.Stage.QUEUE;
import static org.posthouse.api.Stage.RCPT;

import java.util.EnumSet;
import java.util.Set;
import org.posthouse.api.Edit;
import org.posthouse.api.Need;
import org.posthouse.api.Stage;

/** The stage at which a hook is asked and what it declared; refuses the rest as the core does. */
record Declared(Stage stage, Set<Need> needs) {
    Declared {
        needs = Set.copyOf(needs);
    }

    void require(Need need) {
        if (!needs.contains(need)) {
            throw new SecurityException("the hook did not declare needs = " + need + ", which this call requires");
        }
    }

    /** Refuses an edit that was not declared, or that this stage does not know. */
    void check(Edit edit) {
        switch (edit) {
            case Edit.AddHeader e -> allow(e, Need.EDIT_HEADERS, EnumSet.of(DATA, QUEUE, DELIVER));
            case Edit.InsertHeader e -> allow(e, Need.EDIT_HEADERS, EnumSet.of(DATA, QUEUE, DELIVER));
            case Edit.ChangeHeader e -> allow(e, Need.EDIT_HEADERS, EnumSet.of(DATA, QUEUE, DELIVER));
            case Edit.RemoveHeader e -> allow(e, Need.EDIT_HEADERS, EnumSet.of(DATA, QUEUE, DELIVER));
            case Edit.ChangeSender e -> allow(e, Need.EDIT_SENDER, EnumSet.of(MAIL, RCPT, DATA, QUEUE, DELIVER));
            case Edit.AddRecipient e -> allow(e, Need.EDIT_RECIPIENTS, EnumSet.of(RCPT, DATA, QUEUE));
            case Edit.RemoveRecipient e -> allow(e, Need.EDIT_RECIPIENTS, EnumSet.of(RCPT, DATA, QUEUE));
            case Edit.ReplaceRecipient e -> allow(e, Need.EDIT_RECIPIENTS, EnumSet.of(RCPT, DATA, QUEUE));
            case Edit.ReplaceBody e -> allow(e, Need.EDIT_BODY, EnumSet.of(DATA, QUEUE));
            case Edit.Zone e -> allow(e, Need.EDIT_ROUTING, EnumSet.of(MAIL, RCPT, DATA, QUEUE));
            case Edit.Tenant e -> allow(e, Need.EDIT_ROUTING, EnumSet.of(MAIL, RCPT, DATA, QUEUE));
            case Edit.Priority e -> allow(e, Need.EDIT_ROUTING, EnumSet.of(MAIL, RCPT, DATA, QUEUE));
            case Edit.Due e -> allow(e, Need.EDIT_ROUTING, EnumSet.of(MAIL, RCPT, DATA, QUEUE));
            case Edit.Tag e -> allow(e, Need.EDIT_ROUTING, EnumSet.of(MAIL, RCPT, DATA, QUEUE));
            case Edit.Split e -> {
                allow(e, Need.EDIT_RECIPIENTS, EnumSet.of(QUEUE));
                e.sender().ifPresent(address -> require(Need.EDIT_SENDER));
                e.edits().forEach(this::check);
            }
        }
    }

    private void allow(Edit edit, Need need, Set<Stage> stages) {
        require(need);
        if (!stages.contains(stage)) {
            throw new IllegalStateException(edit.getClass().getSimpleName() + " has no meaning at stage " + stage);
        }
    }
}
