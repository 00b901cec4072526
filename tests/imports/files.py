"""Files that people send."""

import io
import zipfile

HEAD = ("Name", "E-mail", "Phone", "Guardian's name")


def csv_of(*rows, head=HEAD, delimiter=","):
    """A CSV as text."""
    return "".join(delimiter.join(row) + "\r\n" for row in ([head] if head else []) + list(rows))


def xlsx_of(*rows):
    """A workbook with one sheet; a number stays a number."""

    def cell(column, number, value):
        ref = f'r="{chr(65 + column)}{number}"'
        if isinstance(value, str):
            return f'<c {ref} t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c {ref}><v>{value}</v></c>"

    lines = "".join(
        f'<row r="{n}">{"".join(cell(c, n, value) for c, value in enumerate(row))}</row>'
        for n, row in enumerate(rows, 1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml"'
        ' ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1"'
        f' Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Students" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData>'
        "</worksheet>",
    }
    return zip_of(parts)


def zip_of(parts):
    """A zip archive of name → text."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()
