// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.dkim;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.posthouse.api.Header;

/** Makes DKIM-Signature fields (RFC 6376 5). */
public final class Signer {
    private final SignatureForm form;

    /** Signs in this form. */
    public Signer(SignatureForm form) {
        this.form = form;
    }

    /** What of the body must be hashed. */
    public BodyHashes.Wanted body() {
        return BodyHashes.Wanted.whole(form.bodyForm());
    }

    /**
     * The value of a field, folded.
     *
     * @param message the fields of the message
     * @param bodyHash the hash of {@link #body()}
     * @param key by whom it is signed
     * @param now the time of the signature
     * @throws GeneralSecurityException when the key is no key of its algorithm
     */
    public String sign(SignedFields message, byte[] bodyHash, SigningKey key, Instant now)
            throws GeneralSecurityException {
        List<String> names = form.names(message);
        FoldedValue value = new FoldedValue(DkimSignature.NAME.length() + 2)
                .word("v=1;")
                .word("a=" + key.algorithm().word() + ";")
                .word("c=" + form.headerForm().word() + "/" + form.bodyForm().word() + ";")
                .word("d=" + key.domain() + ";")
                .word("s=" + key.selector() + ";")
                .word("t=" + now.getEpochSecond() + ";");
        if (!form.life().isZero()) {
            value.word("x=" + now.plus(form.life()).getEpochSecond() + ";");
        }
        value.list("h=", names, ":", ";")
                .word("bh=" + Base64.getEncoder().encodeToString(bodyHash) + ";")
                .word("b=");
        Header own = new Header(DkimSignature.NAME, DkimSignature.NAME + ": " + value + "\r\n");
        byte[] data = message.data(names, form.headerForm(), own).getBytes(StandardCharsets.ISO_8859_1);
        byte[] signature = key.algorithm().sign(key.key(), data);
        return value.octets(Base64.getEncoder().encodeToString(signature)).toString();
    }
}
