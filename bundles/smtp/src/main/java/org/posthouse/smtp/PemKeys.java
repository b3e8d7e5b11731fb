// SPDX-License-Identifier: Apache-2.0
package org.posthouse.smtp;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Certificates with their private keys, the default one first. */
record PemKeys(List<Pair> all) {
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z ]+)-----([^-]+)-----END \\1-----", Pattern.DOTALL);

    /** What stands before a PKCS #1 key in PKCS #8: version 0 and the algorithm RSA. */
    private static final byte[] RSA = {
        2, 1, 0, 0x30, 13, 6, 9, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 13, 1, 1, 1, 5, 0
    };

    /** A private key and the chain of its certificate, the server's own first. */
    record Pair(PrivateKey key, List<X509Certificate> chain) {}

    /**
     * Reads the default pair and those in the folder.
     *
     * @param proven the pairs that need no check; those that stand it are added
     */
    static PemKeys load(Path certificate, Path key, @Nullable Path folder, ProvenPairs proven)
            throws IOException, GeneralSecurityException {
        List<Pair> pairs = new ArrayList<>();
        List<Path> files = all(certificate, key, folder);
        for (int i = 0; i < files.size(); i += 2) {
            pairs.add(pair(files.get(i), files.get(i + 1), proven));
        }
        proven.keep();
        return new PemKeys(pairs);
    }

    /** All files in pairs: certificate, key. */
    static List<Path> all(Path certificate, Path key, @Nullable Path folder) throws IOException {
        List<Path> files = new ArrayList<>(List.of(certificate, key));
        if (folder == null) {
            return files;
        }
        try (Stream<Path> more = Files.list(folder)) {
            more.filter(f -> f.toString().endsWith(".pem")).sorted().forEach(f -> {
                files.add(f);
                files.add(f.resolveSibling(f.getFileName().toString().replaceFirst("\\.pem$", ".key")));
            });
        }
        return files;
    }

    private static Pair pair(Path certificate, Path key, ProvenPairs proven)
            throws IOException, GeneralSecurityException {
        byte[] octets = Files.readAllBytes(certificate);
        List<X509Certificate> chain = new ArrayList<>();
        for (Certificate one :
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(octets))) {
            chain.add((X509Certificate) one);
        }
        if (chain.isEmpty()) {
            throw new GeneralSecurityException("No certificate in " + certificate);
        }
        PrivateKey secret = key(key);
        String digest = ProvenPairs.digest(octets, secret.getEncoded());
        if (!proven.has(digest) && !fits(chain.getFirst(), secret)) {
            throw new GeneralSecurityException(key + " is not the key of " + certificate);
        }
        proven.add(digest);
        return new Pair(secret, chain);
    }

    private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
        Matcher matcher = PEM.matcher(Files.readString(file, StandardCharsets.US_ASCII));
        while (matcher.find()) {
            byte[] octets = Base64.getMimeDecoder().decode(matcher.group(2));
            if (matcher.group(1).equals("PRIVATE KEY")) {
                return pkcs8(octets, file);
            }
            if (matcher.group(1).equals("RSA PRIVATE KEY")) {
                return pkcs8(wrap((byte) 0x30, join(RSA, wrap((byte) 4, octets))), file);
            }
        }
        throw new GeneralSecurityException("No private key in " + file
                + " (PRIVATE KEY or RSA PRIVATE KEY; openssl pkcs8 -topk8 -nodes makes one)");
    }

    private static PrivateKey pkcs8(byte[] octets, Path file) throws GeneralSecurityException {
        for (String algorithm : List.of("EC", "RSA", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(octets));
            } catch (InvalidKeySpecException e) {
                // The next algorithm is tried; the file says which it is only inside.
                continue;
            }
        }
        throw new GeneralSecurityException("The key in " + file + " is not EC, RSA or EdDSA");
    }

    private static byte[] wrap(byte tag, byte[] content) {
        byte[] head = content.length < 128
                ? new byte[] {tag, (byte) content.length}
                : new byte[] {tag, (byte) 0x82, (byte) (content.length >> 8), (byte) content.length};
        return join(head, content);
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** Whether what the key signs is verified by the certificate. */
    private static boolean fits(X509Certificate certificate, PrivateKey key) throws GeneralSecurityException {
        String family = key.getAlgorithm();
        if (!family.equals(certificate.getPublicKey().getAlgorithm())) {
            return false;
        }
        Signature signature = Signature.getInstance(
                switch (family) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> family;
                });
        signature.initSign(key);
        signature.update(RSA);
        byte[] signed = signature.sign();
        signature.initVerify(certificate);
        signature.update(RSA);
        return signature.verify(signed);
    }

    /** A context that shows these certificates. */
    SSLContext context() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {new SniKeys(this)}, null, null);
        return context;
    }
}
