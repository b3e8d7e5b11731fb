// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Who may sign plugins. With nobody named anybody may, also nobody; a signature that does not fit is refused in any case.
 *
 * <p>A certificate is trusted when it is named itself, or leads to a named one and may sign code. That it has expired since
 * does not matter: a plugin that serves today must serve after a restart; whoever trusts it no longer takes it off the list.
 */
final class Trust {
    private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    /** What a jar may inflate to. */
    static final long MOST_INFLATED = 512L << 20;

    /** What the files that make signatures may inflate to in all: Java reads these into memory. */
    static final long MOST_OF_SIGNATURES = 16L << 20;

    private static final String ANY_USAGE = "2.5.29.37.0";

    /** Anybody may sign, or nobody. */
    static final Trust ANYBODY = new Trust(false, Set.of(), "");

    private final boolean required;
    private final Set<X509Certificate> trusted;
    private final String unreadable;

    private Trust(boolean required, Set<X509Certificate> trusted, String unreadable) {
        this.required = required;
        this.trusted = trusted;
        this.unreadable = unreadable;
    }

    /** The certificates of these PEM files; one that can not be read is trusted by nobody, and every jar is told so. */
    static Trust of(Path dataDir, List<String> files) {
        if (files.isEmpty()) {
            return ANYBODY;
        }
        Set<X509Certificate> all = new HashSet<>();
        List<String> unreadable = new ArrayList<>();
        for (String name : files) {
            try (InputStream in = Files.newInputStream(dataDir.resolve(name))) {
                for (Certificate certificate :
                        CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    all.add((X509Certificate) certificate);
                }
            } catch (IOException | GeneralSecurityException e) {
                unreadable.add(name + " can not be read (" + e.getMessage() + ")");
            }
        }
        return new Trust(true, all, String.join(", ", unreadable));
    }

    /**
     * Verifies every entry of a jar.
     *
     * @return the subject of the certificate that signed it; empty when nobody did and nobody had to
     * @throws HouseException when a signature does not fit, or nobody who is trusted signed all of it
     */
    String signer(Path jar) throws HouseException, IOException {
        Signatures found = read(jar);
        if (!required) {
            return found.common().stream().map(Trust::subject).findFirst().orElse("");
        }
        String why = unreadable.isEmpty() ? "" : "; " + unreadable;
        if (found.unsigned() != null) {
            throw new HouseException("is not signed: " + found.unsigned()
                    + " has no signature, and pipeline.trustedCertificates says who must have signed it" + why);
        }
        for (CodeSigner signer : found.common()) {
            if (trusts(signer)) {
                return subject(signer);
            }
        }
        throw new HouseException("is signed by "
                + found.common().stream().map(Trust::subject).toList()
                + ", which pipeline.trustedCertificates does not trust" + why);
    }

    /** What was found: who signed every entry, and the first one that nobody did. */
    private record Signatures(
            Set<CodeSigner> common, @Nullable String unsigned) {}

    private static Signatures read(Path file) throws IOException, HouseException {
        boundSignatures(file);
        long inflated = 0;
        Set<String> names = new HashSet<>();
        Set<CodeSigner> common = null;
        String unsigned = null;
        try (JarFile jar = new JarFile(file.toFile(), true)) {
            List<JarEntry> entries = Collections.list(jar.entries());
            boolean signatures = entries.stream()
                    .map(JarEntry::getName)
                    .anyMatch(name -> ofTheSignature(name) && !name.equalsIgnoreCase(JarFile.MANIFEST_NAME));
            for (JarEntry entry : entries) {
                if (!names.add(entry.getName())) {
                    throw new HouseException("has two entries " + entry.getName());
                }
                if (entry.isDirectory() || ofTheSignature(entry.getName())) {
                    continue;
                }
                if (!signatures) {
                    unsigned = unsigned == null ? entry.getName() : unsigned;
                    continue;
                }
                try (InputStream in = jar.getInputStream(entry)) {
                    // Signers are known once all was read.
                    inflated = inflate(in, inflated, MOST_INFLATED, " MB");
                }
                CodeSigner[] signers = entry.getCodeSigners();
                Set<CodeSigner> here = new LinkedHashSet<>(signers == null ? List.of() : List.of(signers));
                unsigned = here.isEmpty() && unsigned == null ? entry.getName() : unsigned;
                if (common == null) {
                    common = here;
                } else {
                    common.retainAll(here);
                }
            }
        } catch (SecurityException e) {
            throw new HouseException("has a signature that does not fit: " + e.getMessage(), e);
        }
        return new Signatures(common == null ? Set.of() : common, unsigned);
    }

    /** Java reads them into memory before it verifies anything. */
    private static void boundSignatures(Path file) throws IOException, HouseException {
        long inflated = 0;
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                if (ofTheSignature(entry.getName())) {
                    try (InputStream in = zip.getInputStream(entry)) {
                        inflated = inflate(in, inflated, MOST_OF_SIGNATURES, " MB of signatures");
                    }
                }
            }
        }
    }

    /** Reads to the end and adds that to the sum: a small jar may hold very much, and what it says of sizes may be a lie. */
    private static long inflate(InputStream in, long sum, long most, String unit) throws IOException, HouseException {
        byte[] chunk = new byte[1 << 16];
        long all = sum;
        for (int octets = in.read(chunk); octets >= 0; octets = in.read(chunk)) {
            all += octets;
            if (all > most) {
                throw new HouseException("inflates to more than " + (most >> 20) + unit);
            }
        }
        return all;
    }

    /** The files that make a signature can not be signed themselves. */
    private static boolean ofTheSignature(String entry) {
        String name = entry.toUpperCase(Locale.ROOT);
        return name.startsWith("META-INF/")
                && name.indexOf('/', 9) < 0
                && (name.equals("META-INF/MANIFEST.MF")
                        || name.startsWith("META-INF/SIG-")
                        || name.matches(".*\\.(SF|RSA|DSA|EC)"));
    }

    private static List<X509Certificate> chain(CodeSigner signer) {
        List<X509Certificate> chain = new ArrayList<>();
        signer.getSignerCertPath().getCertificates().forEach(c -> chain.add((X509Certificate) c));
        return chain;
    }

    private static String subject(CodeSigner signer) {
        return chain(signer).getFirst().getSubjectX500Principal().getName();
    }

    private boolean trusts(CodeSigner signer) {
        List<X509Certificate> chain = chain(signer);
        if (trusted.contains(chain.getFirst())) {
            return true;
        }
        try {
            List<String> usage = chain.getFirst().getExtendedKeyUsage();
            if (trusted.isEmpty() || usage != null && !usage.contains(CODE_SIGNING) && !usage.contains(ANY_USAGE)) {
                return false;
            }
            return leadsToTrusted(chain);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** RFC 5280 6.1, without revocation, at the last moment when the whole chain was valid. */
    private boolean leadsToTrusted(List<X509Certificate> chain) throws GeneralSecurityException {
        List<X509Certificate> below = new ArrayList<>();
        Date at = new Date();
        for (X509Certificate certificate : chain) {
            if (trusted.contains(certificate)) {
                break;
            }
            below.add(certificate);
            at = certificate.getNotAfter().before(at) ? certificate.getNotAfter() : at;
        }
        CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(below);
        Set<TrustAnchor> anchors = new HashSet<>();
        trusted.forEach(certificate -> anchors.add(new TrustAnchor(certificate, null)));
        PKIXParameters parameters = new PKIXParameters(anchors);
        parameters.setRevocationEnabled(false);
        parameters.setDate(at);
        CertPathValidator.getInstance("PKIX").validate(path, parameters);
        return true;
    }
}
