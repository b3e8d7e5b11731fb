// SPDX-License-Identifier: Apache-2.0
package org.posthouse.mailauth.domain;

import java.util.regex.Pattern;

/** Where the joiners, which nobody sees, make another word and so another name (RFC 5892 A.1, A.2). */
final class Joiners {
    private static final int NON_JOINER = 0x200C;
    private static final int JOINER = 0x200D;

    /** The combining class Virama (9), which Java does not tell. */
    private static final Pattern VIRAMA =
            Pattern.compile("[\\u094D\\u09CD\\u0A4D\\u0ACD\\u0B4D\\u0BCD\\u0C4D\\u0CCD\\u0D3B"
                    + "\\u0D3C\\u0D4D\\u0DCA\\u0E3A\\u0EBA\\u0F84\\u1039\\u103A\\u1714\\u1715\\u1734\\u17D2\\u1A60\\u1B44\\u1BAA"
                    + "\\u1BAB\\u1BF2\\u1BF3\\u2D7F\\uA806\\uA82C\\uA8C4\\uA953\\uA9C0\\uAAF6\\uABED\\x{10A3F}\\x{11046}\\x{11070}"
                    + "\\x{1107F}\\x{110B9}\\x{11133}\\x{11134}\\x{111C0}\\x{11235}\\x{112EA}\\x{1134D}\\x{11442}\\x{114C2}\\x{115BF}"
                    + "\\x{1163F}\\x{116B6}\\x{1172B}\\x{11839}\\x{1193D}\\x{1193E}\\x{119E0}\\x{11A34}\\x{11A47}\\x{11A99}\\x{11C3F}"
                    + "\\x{11D44}\\x{11D45}\\x{11D97}]");

    /** Letters that join on both sides, of scripts that are written today (the property Joining_Type). */
    private static final Pattern BOTH = Pattern.compile(
            "[\\u0620\\u0626\\u0628\\u062A-\\u062E\\u0633-\\u063F\\u0641-\\u0647"
                    + "\\u0649\\u064A\\u066E\\u066F\\u0678-\\u0687\\u069A-\\u06BF\\u06C1\\u06C2\\u06CC\\u06CE\\u06D0\\u06D1\\u06FA-\\u06FC"
                    + "\\u06FF\\u0712-\\u0714\\u071A-\\u071D\\u071F-\\u0727\\u0729\\u072B\\u072D\\u072E\\u074E-\\u0758\\u075C-\\u076A"
                    + "\\u076D-\\u0770\\u0772\\u0775-\\u0777\\u077A-\\u077F\\u07CA-\\u07EA\\u0841-\\u0845\\u0848\\u084A-\\u0853\\u0855"
                    + "\\u0860\\u0862-\\u0865\\u0868\\u0886\\u0889-\\u088D\\u08A0-\\u08A9\\u08AF\\u08B0\\u08B3-\\u08B8\\u08BA-\\u08C8"
                    + "\\u1807\\u1820-\\u1878\\u1887-\\u18A8\\u18AA\\uA840-\\uA871\\x{10D01}-\\x{10D21}\\x{10D23}\\x{1E900}-\\x{1E943}]");

    private static final Pattern LEFT = Pattern.compile("[\\uA872\\x{10D00}]");

    private static final Pattern RIGHT =
            Pattern.compile("[\\u0622-\\u0625\\u0627\\u0629\\u062F-\\u0632\\u0648\\u0671-\\u0673"
                    + "\\u0675-\\u0677\\u0688-\\u0699\\u06C0\\u06C3-\\u06CB\\u06CD\\u06CF\\u06D2\\u06D3\\u06D5\\u06EE\\u06EF\\u0710"
                    + "\\u0715-\\u0719\\u071E\\u0728\\u072A\\u072C\\u072F\\u074D\\u0759-\\u075B\\u076B\\u076C\\u0771\\u0773\\u0774\\u0778"
                    + "\\u0779\\u0840\\u0846\\u0847\\u0849\\u0854\\u0856-\\u0858\\u0867\\u0869\\u086A\\u0870-\\u0882\\u088E\\u08AA-\\u08AC"
                    + "\\u08AE\\u08B1\\u08B2\\u08B9\\x{10D22}]");

    private Joiners() {}

    static boolean is(int point) {
        return point == NON_JOINER || point == JOINER;
    }

    /** Whether each joiner of a label stands where it means something. */
    static boolean fit(String label) {
        int[] points = label.codePoints().toArray();
        for (int i = 0; i < points.length; i++) {
            boolean joins = points[i] == JOINER || points[i] == NON_JOINER;
            boolean behindVirama = i > 0 && isOne(points[i - 1], VIRAMA);
            if (joins && !behindVirama && !(points[i] == NON_JOINER && parts(points, i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether the letters on both sides would be joined without it. */
    private static boolean parts(int[] points, int at) {
        int before = at - 1;
        while (before >= 0 && isTransparent(points[before])) {
            before--;
        }
        int after = at + 1;
        while (after < points.length && isTransparent(points[after])) {
            after++;
        }
        return before >= 0
                && after < points.length
                && isOne(points[before], BOTH, LEFT)
                && isOne(points[after], BOTH, RIGHT);
    }

    private static boolean isTransparent(int point) {
        int type = Character.getType(point);
        return type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK;
    }

    private static boolean isOne(int point, Pattern... sets) {
        String text = Character.toString(point);
        for (Pattern set : sets) {
            if (set.matcher(text).matches()) {
                return true;
            }
        }
        return false;
    }
}
