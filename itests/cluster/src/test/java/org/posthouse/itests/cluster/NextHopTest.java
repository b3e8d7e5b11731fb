// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class NextHopTest {
    @Test
    void readsFromNoticeWhoFailed() {
        String notice = """
                Reporting-MTA: dns; n1.test\r
                \r
                Final-Recipient: rfc822; b3.k2x@dst.test\r
                Action: failed\r
                Status: 5.1.1\r
                \r
                Original-Recipient: rfc822; b12.k2x@dst.test\r
                Final-Recipient: rfc822; b12.k2x@dst.test\r
                Action: failed\r
                \r
                Final-Recipient: rfc822; r1.k2x@dst.test\r
                Action: delayed\r
                """;
        assertEquals(List.of(3, 12), NextHop.failed(notice));
    }

    @Test
    void eachAddressOfALetterTellsOfIt() {
        Letter letter = new Letter("k2x", 2, 1);
        assertEquals("s.k2x@src.test", letter.sender());
        assertEquals(List.of("r0.k2x@dst.test", "r1.k2x@dst.test", "b2.k2x@dst.test"), letter.recipients());
        assertEquals(
                new Mark(Mark.BAD, 2, "k2x"),
                Mark.in("RCPT TO:<b2.k2x@dst.test> NOTIFY=NEVER").orElseThrow());
        assertEquals(
                new Mark(Mark.SENDER, 0, "k2x"), Mark.in("<s.k2x@src.test>").orElseThrow());
    }
}
