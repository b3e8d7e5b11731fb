// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.rspamd;

import java.util.List;
import org.posthouse.api.Edit;
import org.posthouse.api.Header;
import org.posthouse.api.Headers;
import org.posthouse.api.Transaction;

/** Writes into the header block what rspamd and the operator want there. */
final class Fields {
    private final String spamName;
    private final String spamValue;
    private final boolean milter;
    private final boolean signatures;

    /**
     * Reads what the operator wants.
     *
     * @throws IllegalArgumentException when the spam field is none
     */
    Fields(Rspamd.Config config) {
        int colon = config.spamHeader().indexOf(':');
        this.spamName = colon < 0 ? "" : config.spamHeader().substring(0, colon).strip();
        this.spamValue = FieldText.value(config.spamHeader().substring(colon + 1));
        if (!FieldText.isName(spamName) || spamValue.isEmpty()) {
            throw new IllegalArgumentException("spamHeader: expected Name: value, not '" + config.spamHeader() + "'");
        }
        this.milter = config.milterHeaders();
        this.signatures = config.dkimSignature();
    }

    /** Stages the edits for a message that goes on. */
    void write(Transaction tx, Headers present, Judgement judgement, Remedy remedy) {
        withoutMark(tx, present);
        if (milter) {
            judgement.milter().removed().forEach(removal -> remove(tx, removal, present.all()));
            judgement
                    .milter()
                    .added()
                    .forEach(field -> add(tx, field, present.all().size()));
        }
        if (remedy == Remedy.TAG) {
            mark(tx, judgement.milter().marks(), present);
        }
        if (remedy == Remedy.SUBJECT) {
            subject(tx, judgement.subject(), present);
        }
        if (signatures) {
            judgement.signatures().stream()
                    .map(FieldText::value)
                    .filter(value -> !value.isEmpty())
                    .forEach(value -> tx.edit(Edit.prependHeader("DKIM-Signature", value)));
        }
    }

    /** Removes the mark that the message came with: a stranger's own would be believed further on. */
    void withoutMark(Transaction tx, Headers present) {
        remove(tx, new Judgement.Removal(spamName, 0), present.all());
    }

    private void mark(Transaction tx, List<Judgement.Field> marks, Headers present) {
        if (!milter || marks.isEmpty()) {
            tx.edit(Edit.addHeader(spamName, spamValue));
            return;
        }
        for (Judgement.Field mark : marks) {
            String name = mark.name().isEmpty() ? spamName : mark.name();
            if (!name.equalsIgnoreCase(spamName)) {
                remove(tx, new Judgement.Removal(name, 0), present.all());
            }
            add(tx, new Judgement.Field(name, mark.value(), -1), present.all().size());
        }
    }

    private static void subject(Transaction tx, String subject, Headers present) {
        String value = FieldText.value(subject);
        if (value.isEmpty()) {
            return;
        }
        tx.edit(
                present.first("Subject").isPresent()
                        ? new Edit.ChangeHeader("Subject", 1, value)
                        : Edit.addHeader("Subject", value));
    }

    private static void remove(Transaction tx, Judgement.Removal removal, List<Header> present) {
        int occurrence = Judgement.occurrence(removal, present);
        if (occurrence >= 0) {
            tx.edit(new Edit.RemoveHeader(removal.name(), occurrence));
        }
    }

    private static void add(Transaction tx, Judgement.Field field, int count) {
        String value = FieldText.value(field.value());
        if (!FieldText.isName(field.name()) || value.isEmpty()) {
            return;
        }
        int position = field.position();
        if (position == -1) {
            tx.edit(Edit.addHeader(field.name(), value));
        } else {
            // As in the milter protocol: 1 is the first field, 0 above what the server put there, -2 before the last.
            int index = position < 0 ? count + 1 + position : position - 1;
            tx.edit(new Edit.InsertHeader(Math.clamp(index, 0, count), field.name(), value));
        }
    }
}
