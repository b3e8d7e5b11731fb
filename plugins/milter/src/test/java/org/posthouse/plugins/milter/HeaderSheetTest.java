// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.milter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.posthouse.api.Edit;
import org.posthouse.api.Header;
import org.posthouse.testkit.FakeHeaders;

/** What a milter does to fields, one after the other, becomes edits of the fields as the hook was shown them. */
final class HeaderSheetTest {
    private static final FakeHeaders SEEN =
            FakeHeaders.of("Received: one", "X: 1", "Subject: hello", "X: 2", "To:\r\n folded\r\n\tthrice");

    private final HeaderSheet sheet = new HeaderSheet(SEEN.all());

    private static HeaderSheet.Field field(String name, String value) {
        return new HeaderSheet.Field(name, " " + value);
    }

    private List<String> fields() {
        return sheet.fields().stream()
                .map(field -> field.name() + ":" + field.text())
                .toList();
    }

    /** The fields after the edits, by the rules of the core: numbers mean the fields as they were shown. */
    private List<String> edited() {
        List<List<String>> above = new ArrayList<>();
        List<String> now = new ArrayList<>();
        for (Header header : SEEN.all()) {
            above.add(new ArrayList<>());
            now.add(header.raw().replace("\r\n", "\n").stripTrailing());
        }
        List<String> bottom = new ArrayList<>();
        for (Edit edit : sheet.edits()) {
            switch (edit) {
                case Edit.AddHeader add -> bottom.add(add.name() + ": " + add.value());
                case Edit.InsertHeader insert ->
                    above.get(insert.index()).addFirst(insert.name() + ": " + insert.value());
                case Edit.ChangeHeader change ->
                    now.set(seen(change.name(), change.occurrence()), change.name() + ": " + change.value());
                case Edit.RemoveHeader remove -> now.set(seen(remove.name(), remove.occurrence()), "");
                default -> throw new AssertionError(edit);
            }
        }
        List<String> all = new ArrayList<>();
        for (int i = 0; i < now.size(); i++) {
            all.addAll(above.get(i));
            all.add(now.get(i));
        }
        all.addAll(bottom);
        all.removeIf(String::isEmpty);
        return all.stream().map(text -> text.replace("\r\n", "\n")).toList();
    }

    private static int seen(String name, int occurrence) {
        int left = occurrence;
        for (int i = 0; i < SEEN.all().size(); i++) {
            if (SEEN.all().get(i).is(name) && --left == 0) {
                return i;
            }
        }
        throw new AssertionError("no " + name + " " + occurrence);
    }

    @Test
    void showsFieldsAsSendmailDoes() {
        assertEquals(List.of("Received: one", "X: 1", "Subject: hello", "X: 2", "To:\n folded\n\tthrice"), fields());
    }

    @Test
    void nothingDoneIsNoEdit() {
        assertEquals(List.of(), sheet.edits());
    }

    @Test
    void addsBelowTheLastField() {
        sheet.add(field("A", "1"));
        sheet.add(field("B", "2"));
        assertEquals(List.of(new Edit.AddHeader("A", "1"), new Edit.AddHeader("B", "2")), sheet.edits());
    }

    @Test
    void laterNumbersMeanTheFieldsAsEarlierChangesLeftThem() {
        sheet.remove(1, "x");
        sheet.change(1, field("X", "changed"));
        assertEquals(List.of(new Edit.RemoveHeader("X", 1), new Edit.ChangeHeader("X", 2, "changed")), sheet.edits());
        assertEquals(fields(), edited());
    }

    @Test
    void whatIsInsertedTwiceAtOnePlaceStandsInThatOrder() {
        sheet.insert(0, field("A", "first"));
        sheet.insert(0, field("B", "second"));
        sheet.insert(1, field("C", "between"));
        assertEquals(List.of("B: second", "C: between", "A: first"), fields().subList(0, 3));
        assertEquals(fields(), edited());
    }

    @Test
    void insertsBehindTheLastFieldAreAdded() {
        sheet.insert(99, field("A", "1"));
        assertEquals(List.of(new Edit.AddHeader("A", "1")), sheet.edits());
    }

    @Test
    void aFieldThatIsNotThereIsAddedWhenItIsChanged() {
        sheet.change(3, field("X", "third"));
        assertEquals(List.of(new Edit.AddHeader("X", "third")), sheet.edits());
    }

    @Test
    void zeroMeansTheFirstOne() {
        sheet.change(0, field("X", "first"));
        assertEquals(List.of(new Edit.ChangeHeader("X", 1, "first")), sheet.edits());
    }

    @Test
    void whatWasAddedCanBeChangedAndRemoved() {
        sheet.add(field("A", "1"));
        sheet.change(1, field("A", "2"));
        assertEquals(List.of(new Edit.AddHeader("A", "2")), sheet.edits());
        sheet.remove(1, "A");
        assertEquals(List.of(), sheet.edits());
    }

    @Test
    void insertsAboveARemovedFieldStandAboveTheNextOne() {
        sheet.insert(2, field("A", "1"));
        sheet.remove(1, "Subject");
        assertEquals(List.of("Received: one", "X: 1", "A: 1", "X: 2", "To:\n folded\n\tthrice"), fields());
        assertEquals(fields(), edited());
    }

    @Test
    void aCopyGoesItsOwnWay() {
        HeaderSheet copy = sheet.copy();
        copy.add(field("A", "1"));
        assertEquals(List.of(), sheet.edits());
        assertEquals(1, copy.edits().size());
    }

    @Test
    void foldedValuesGetTheLineEndsOfMail() {
        sheet.add(new HeaderSheet.Field("A", " one\n\ttwo\r\n three\nfour\n\n"));
        assertEquals(List.of(new Edit.AddHeader("A", "one\r\n\ttwo\r\n three\r\n\tfour")), sheet.edits());
    }

    @Test
    void octetsOfUtf8AreRead() {
        sheet.add(new HeaderSheet.Field("A", " gr\u00c3\u00bc\u00c3\u009fe"));
        sheet.add(new HeaderSheet.Field("B", " gr\u00fc\u00dfe"));
        assertEquals(
                List.of(new Edit.AddHeader("A", "gr\u00fc\u00dfe"), new Edit.AddHeader("B", "gr\u00fc\u00dfe")),
                sheet.edits());
    }
}
